import { createRequire } from "node:module";
import { stemmer } from "stemmer";
import type { Extracted } from "./problem.ts";
import { spoken } from "./reply.ts";

export interface Coverage {
  covered: string[];
  missing: string[];
  /** Covered concepts of all, 1 where there are none. */
  share: number;
}

interface Lemmatizer {
  verb(word: string): string;
  noun(word: string): string;
  adjective(word: string): string;
}

const load = createRequire(import.meta.url);
let lemmatizer: Lemmatizer | undefined;

/** WordNet's words are 13 MB: read when first needed. */
function lemmas(word: string): string[] {
  lemmatizer ??= load("wink-lemmatizer") as Lemmatizer;
  return [lemmatizer.verb(word), lemmatizer.noun(word), lemmatizer.adjective(word)];
}

/** What a word is known by: itself, its lemma as each part of speech, and its Porter stem. */
function keys(word: string): Set<string> {
  const forms = [word, ...lemmas(word)];
  return new Set([...forms, `${stemmer(word)}*`]);
}

/**
 * The concepts that a text uses in any inflection: the CommonGen measure, with WordNet lemmas and Porter stems
 * for its word lists. A concept of several words is used where each of its words is.
 */
export function coverage(text: string, concepts: string[]): Coverage {
  const said = new Set<string>();
  for (const word of new Set(words(text))) for (const key of keys(word)) said.add(key);
  const uses = (concept: string) => {
    const wanted = words(concept);
    return wanted.length > 0 && wanted.every((word) => [...keys(word)].some((key) => said.has(key)));
  };
  const covered = concepts.filter(uses);
  const missing = concepts.filter((concept) => !covered.includes(concept));
  return { covered, missing, share: concepts.length === 0 ? 1 : covered.length / concepts.length };
}

const words = (text: string): string[] => text.toLowerCase().match(/[a-z]+/g) ?? [];

const label =
  /^[\s*_#>]*(?:(?:final|my|the)\s+)?(?:answer|sentence|sentences|paragraph|text|story|output)[\s*_]*:[\s*_]*/i;

/** The text of a reply, without labels and fences; what follows the last "Answer:" where a reply has one. */
export function extract(reply: string): Extracted {
  const text = spoken(reply);
  const fenced = /```[\w-]*\n([\s\S]*?)(?:\n```|$)/.exec(text)?.[1];
  const body = (fenced ?? text).trim();
  const lines = body.split("\n");
  const labelled = lines.findLastIndex((line) => label.test(line));
  const rest =
    labelled === -1 ? body : [lines[labelled]!.replace(label, ""), ...lines.slice(labelled + 1)].join("\n");
  const answer = unquoted(
    rest
      .trim()
      .replace(/^\*\*|\*\*$/g, "")
      .trim(),
  );
  if (!answer) return { answer: null, method: "none" };
  return { answer, method: labelled !== -1 ? "label" : fenced !== undefined ? "fence" : "whole reply" };
}

/** Without quotes around the whole. */
function unquoted(text: string): string {
  return /^(["“'])[^"“”]*["”']$/.test(text) ? text.slice(1, -1).trim() : text;
}

/** The same text but for case and spaces. */
export function equivalent(a: string, b: string): boolean {
  const plain = (text: string) => text.replace(/\s+/g, " ").trim().toLowerCase();
  return plain(a) === plain(b);
}
