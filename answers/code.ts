import type { Extracted } from "./answer.ts";

export function extract(reply: string): Extracted {
  const block = [...reply.matchAll(/```\w*\n([\s\S]*?)```/g)].at(-1)?.[1];
  return { answer: block ?? reply, method: block === undefined ? "whole reply" : "fence" };
}

export function equivalent(a: string, b: string): boolean {
  return a.replace(/\s+/g, " ").trim() === b.replace(/\s+/g, " ").trim();
}
