import type { Extracted } from "./answer.ts";

export function extract(reply: string): Extracted {
  const letter = [...reply.matchAll(/(?:answer|boxed)\W*([A-Z])\b/gi)].at(-1)?.[1];
  return { answer: letter?.toUpperCase() ?? null, method: letter ? "answer" : "none" };
}

export function equivalent(a: string, b: string): boolean {
  return a.trim().toUpperCase() === b.trim().toUpperCase();
}
