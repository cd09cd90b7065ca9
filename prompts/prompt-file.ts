import { createHash } from "node:crypto";
import { readFileSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { packageRoot } from "../paths.ts";

export const promptNames = [
  "task",
  "ceo",
  "recruit",
  "solve",
  "critique",
  "execute",
  "evaluate",
  "answer-math",
  "answer-choice",
  "answer-code",
  "answer-concepts",
  "answer-open",
  "repair",
  "answer-now",
  "judge",
] as const;
export type PromptName = (typeof promptNames)[number];

/** A prompt that cannot be used: lost or unknown holes, a lost section, broken template syntax. */
export class PromptError extends Error {
  override name = "PromptError";
}

interface PromptFile {
  /** Front matter, as YAML; null where there is none. */
  front: string | null;
  /** What follows it, and how many lines stand before. */
  text: string;
  lineOffset: number;
  /** Modification time in ms. */
  changed: number;
}

const promptPath = (name: PromptName): string => join(packageRoot, "prompts", `${name}.md`);

const files = new Map<PromptName, PromptFile>();

/** Reads a prompt file, again after it was edited: a running server takes the new text. */
export function promptFile(name: PromptName): PromptFile {
  const path = promptPath(name);
  const changed = statSync(path).mtimeMs;
  const known = files.get(name);
  if (known?.changed === changed) return known;
  const source = readFileSync(path, "utf8");
  const [head = "", front = null] = /^---\r?\n([\s\S]*?)(?<=\n)---[ \t]*(?:\r?\n|$)\n?/.exec(source) ?? [];
  const file = { front, text: source.slice(head.length), lineOffset: head.split("\n").length - 1, changed };
  files.set(name, file);
  return file;
}

/** The text of a prompt file without front matter: what Studio shows and edits. */
export const promptText = (name: PromptName): string => promptFile(name).text;

/** Puts a text in the place of a file's own; its front matter stays. */
export function replacePromptText(name: PromptName, text: string): void {
  const path = promptPath(name);
  const source = readFileSync(path, "utf8");
  writeFileSync(path, source.slice(0, source.length - promptText(name).length) + text);
  files.delete(name);
}

/** Twelve hex digits of the SHA-256 of a template's text: recorded with every call. */
export const promptHash = (text: string): string =>
  createHash("sha256").update(text).digest("hex").slice(0, 12);
