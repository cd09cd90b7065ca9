import type { Extracted } from "./answer.ts";

export function extract(reply: string): Extracted {
  const text = reply.trim();
  return { answer: text || null, method: "whole reply" };
}

export function equivalent(a: string, b: string): boolean {
  return a.replace(/\s+/g, " ").trim().toLowerCase() === b.replace(/\s+/g, " ").trim().toLowerCase();
}
