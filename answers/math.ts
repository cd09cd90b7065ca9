import type { Extracted } from "./answer.ts";

export function extract(reply: string): Extracted {
  const boxed = [...reply.matchAll(/\\boxed\{([^{}]*)\}/g)].at(-1)?.[1];
  if (boxed !== undefined) return { answer: boxed.trim(), method: "boxed" };
  const said = [...reply.matchAll(/answer(?:\s+is)?\s*:?\s*([^\n]+)/gi)].at(-1)?.[1];
  if (said !== undefined) return { answer: said.trim().replace(/\.$/, ""), method: "said" };
  const number = reply.match(/-?\d[\d,]*(?:\.\d+)?/g)?.at(-1);
  return { answer: number ?? null, method: number === undefined ? "none" : "last number" };
}

export function equivalent(a: string, b: string): boolean {
  const plain = (text: string) => text.replace(/[\s,$]/g, "");
  return plain(a) === plain(b) || (plain(a) !== "" && Number(plain(a)) === Number(plain(b)));
}
