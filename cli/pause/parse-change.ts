import { AnswerError, type AnswerInput } from "../../state/pause.ts";

/** A change as a person types it: `rounds=1 experts=2`, `Ada: topology; Blaise: probability`, or JSON. Throws AnswerError. */
export function parseChange(text: string): Pick<Exclude<AnswerInput, string>, "plan" | "experts"> {
  const words = text.trim();
  if (/^[[{]/.test(words)) {
    try {
      const value = JSON.parse(words);
      return Array.isArray(value) ? { experts: value } : { plan: value };
    } catch (error) {
      throw new AnswerError(`this is no JSON: ${(error as Error).message}`);
    }
  }
  if (/^\w+\s*=/.test(words)) return { plan: Object.fromEntries(pairs(words)) };
  const experts = words.split(";").map((one) => {
    const [name = "", ...rest] = one.split(":");
    return { name: name.trim(), expertise: rest.join(":").trim() };
  });
  if (experts.some(({ name }) => name === ""))
    throw new AnswerError('name experts as "Ada: topology; Blaise"');
  return { experts };
}

/** Each value ends where the next `key=` begins. */
function pairs(words: string): [string, unknown][] {
  return words.split(/[\s,;]+(?=\w+\s*=)/).map((pair) => {
    const [key = "", ...rest] = pair.split("=");
    const value = rest
      .join("=")
      .trim()
      .replace(/^"(.*)"$/, "$1");
    const number = Number(value);
    return [key.trim(), value !== "" && !Number.isNaN(number) ? number : value];
  });
}
