import { Liquid, type Template } from "liquidjs";
import { parse } from "yaml";
import { z } from "zod";
import { PromptError, type PromptName, promptFile, promptText, replacePromptText } from "./prompt-file.ts";

export { type PromptName, promptHash, promptNames, promptText } from "./prompt-file.ts";

const holeNames = z.array(z.string()).default([]);
const Front = z.strictObject({
  node: z.string().optional(),
  /** Holes that every situation must have, and those it may have. */
  holes: holeNames,
  optional: holeNames,
  /** Situations, each a `# name` section of the text, with the holes that it must have besides. */
  sections: z.record(z.string(), holeNames).default({}),
});

type Front = z.infer<typeof Front>;

// Values are inserted as they are, never parsed again, so braces in maths and code are safe in them.
// To `if`, an empty text is no value.
const liquid = new Liquid({ strictVariables: false, strictFilters: true, jsTruthy: true });

// In the text itself only {{ name }} is a hole and only these are tags; other double braces are plain text.
const plainBraces =
  /\{\{(?!-?\s*[a-zA-Z_][\w.]*\s*-?\}\})|\{%(?!-?\s*(?:if|elsif|else|endif|unless|endunless|for|endfor|raw|endraw)\b)/g;
const guarded = (text: string): string =>
  text.replace(plainBraces, (brace) => `{% raw %}${brace}{% endraw %}`);

const fronts = new WeakMap<object, Front>();

/** The front matter of a prompt's file. Throws PromptError. */
function frontOf(name: PromptName): Front {
  const file = promptFile(name);
  const known = fronts.get(file);
  if (known) return known;
  const front = Front.safeParse(yamlOf(name, file.front ?? "") ?? {});
  if (!front.success) {
    const issue = front.error.issues[0];
    throw new PromptError(`prompts/${name}.md: front matter, ${issue?.path.join(".")}: ${issue?.message}`);
  }
  fronts.set(file, front.data);
  return front.data;
}

function yamlOf(name: PromptName, text: string): unknown {
  try {
    return parse(text);
  } catch (error) {
    throw new PromptError(
      `prompts/${name}.md: the front matter is not YAML: ${(error as Error).message.split("\n")[0]}`,
    );
  }
}

/** The node that a prompt belongs to; null where several share it. */
export const promptNode = (name: PromptName): string | null => frontOf(name).node ?? null;

/** The holes that a prompt must have, in all or one of its situations, and those it may have. */
export function promptHoles(name: PromptName): { required: string[]; optional: string[] } {
  const { holes, optional, sections } = frontOf(name);
  return { required: [...new Set([...holes, ...Object.values(sections).flat()])], optional };
}

/** Puts a text in the place of a prompt file's own; its front matter stays. Throws PromptError where it cannot be used. */
export function writePrompt(name: PromptName, text: string): void {
  checkPrompt(name, text);
  replacePromptText(name, text);
}

interface Section {
  /** Text before the first section, which belongs to every situation. */
  common: string;
  body: string;
  /** 1-based line of the section's heading, in `text`. */
  line: number;
}

function section(name: PromptName, text: string, situation: string | null): Section | null {
  const situations = Object.keys(frontOf(name).sections);
  if (situations.length === 0) return { common: "", body: text, line: 1 };
  const heads = text
    .split("\n")
    .map((line, index) => ({ title: /^#\s+(\S+)\s*$/.exec(line)?.[1], index }))
    .filter(({ title }) => title !== undefined && situations.includes(title));
  const lines = text.split("\n");
  const at = heads.findIndex(({ title }) => title === situation);
  const head = heads[at];
  if (!head) return null;
  return {
    common: lines.slice(0, heads[0]?.index).join("\n"),
    body: lines.slice(head.index + 1, heads[at + 1]?.index).join("\n"),
    line: head.index + 1,
  };
}

/** What makes a prompt unusable, and the line where: of the text as it stands, without a file's front matter. */
interface PromptFault {
  line: number;
  message: string;
}

/** The holes that a prompt may use. */
export function holesOf(name: PromptName): string[] {
  const front = frontOf(name);
  return [...new Set([...front.holes, ...front.optional, ...Object.values(front.sections).flat()])];
}

/** All that keeps a prompt from being rendered in one of its situations; empty where it is sound. */
export function promptFaults(name: PromptName, text: string): PromptFault[] {
  const front = frontOf(name);
  const allowed = holesOf(name);
  let used: { hole: string; line: number }[];
  try {
    used = holes(text);
  } catch (error) {
    return [error as BrokenTemplate].map(({ line, message }) => ({ line, message }));
  }
  const faults = used
    .filter(({ hole }) => !allowed.includes(hole))
    .map(({ hole, line }) => ({
      line,
      message: `{{ ${hole} }} is no hole of "${name}"; it has ${allowed.join(", ") || "none"}.`,
    }));
  const situations = Object.keys(front.sections);
  for (const situation of situations.length > 0 ? situations : [null]) {
    const part = section(name, text, situation);
    if (!part) {
      faults.push({ line: text.split("\n").length, message: `the section "# ${situation}" is missing.` });
      continue;
    }
    const present = new Set(holes(`${part.common}\n${part.body}`).map(({ hole }) => hole));
    const where = situation ? `section "${situation}"` : "the prompt";
    for (const hole of [...front.holes, ...(front.sections[situation ?? ""] ?? [])])
      if (!present.has(hole))
        faults.push({ line: part.line, message: `${where} lost its hole {{ ${hole} }}.` });
  }
  return faults;
}

/**
 * Refuses a prompt that cannot be rendered in one of its situations. Throws PromptError with the line: of the file
 * for the file's own text, of the edited text for one that came from Studio.
 */
export function checkPrompt(name: PromptName, text = promptText(name)): void {
  if (sound.get(name) === text) return;
  const [fault] = promptFaults(name, text);
  if (fault) {
    const { lineOffset, text: own } = promptFile(name);
    const [place, offset] =
      text === own ? [`prompts/${name}.md`, lineOffset] : [`the edited prompt "${name}"`, 0];
    throw new PromptError(`${place}, line ${fault.line + offset}: ${fault.message}`);
  }
  sound.set(name, text);
}

/** The last text of each prompt that was found sound: thousands of runs use the same. */
const sound = new Map<PromptName, string>();

/** Text that Liquid cannot parse. */
class BrokenTemplate extends Error {
  constructor(
    readonly line: number,
    message: string,
  ) {
    super(message);
  }
}

function holes(text: string): { hole: string; line: number }[] {
  try {
    const { globals } = liquid.analyzeSync(liquid.parse(guarded(text)));
    return Object.entries(globals).map(([hole, uses]) => ({ hole, line: uses[0]?.location.row ?? 1 }));
  } catch (error) {
    const line = Number(/line:(\d+)/.exec((error as Error).message)?.[1] ?? 1);
    throw new BrokenTemplate(line, (error as Error).message.split(", line:")[0] ?? "broken template");
  }
}

interface RenderedPrompt {
  /** Text before the first section (a role), and the situation's own. Prompts without sections have only a body. */
  common: string;
  body: string;
}

const MOST_TEMPLATES = 200;
const templates = new Map<string, Template[]>();

function parsed(text: string): Template[] {
  const known = templates.get(text);
  if (known) return known;
  if (templates.size >= MOST_TEMPLATES) templates.clear();
  const made = liquid.parse(guarded(text));
  templates.set(text, made);
  return made;
}

/** Fills a prompt for one situation. `text` is the default file's or the one a user put in its place. */
export function render(
  name: PromptName,
  values: Record<string, unknown>,
  {
    situation = null,
    text = promptText(name),
  }: { situation?: string | null; text?: string | undefined } = {},
): RenderedPrompt {
  const part = section(name, text, situation);
  if (!part) throw new PromptError(`prompt "${name}": the section "# ${situation}" is missing.`);
  const fill = (template: string): string => liquid.renderSync(parsed(template), values).trim();
  return { common: fill(part.common), body: fill(part.body) };
}
