import { createRequire } from "node:module";
import { stemmer } from "stemmer";
import { comparatives, inflections } from "./inflections.ts";
import { announcements } from "./labels.ts";
import type { Extracted } from "./problem.ts";
import { spoken } from "./reply.ts";
import { structuredAnswer } from "./structured-answer.ts";

interface Coverage {
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

/**
 * The lemmas of a word as each part of speech. WordNet's words are 13 MB: read when first needed. Its rules also cut
 * "rated" to "rat": what only begins the word has to have it as an inflection.
 */
function lemmas(word: string): string[] {
  lemmatizer ??= load("wink-lemmatizer") as Lemmatizer;
  const found = [lemmatizer.verb(word), lemmatizer.noun(word), lemmatizer.adjective(word)];
  if (!/(?:ed|ing|er|est)$/.test(word)) return found;
  const isForm = (lemma: string) => inflections(lemma).has(word) || comparatives(lemma).has(word);
  return found.filter((lemma) => !word.startsWith(lemma) || isForm(lemma));
}

/** The lemmas of a concept, which is one itself as a rule; an "evening" is no form of "even", which is an adjective. */
function lemmasWanted(concept: string): string[] {
  const isAdjective = (lemma: string) => lemmatizer?.adjective(`${lemma}er`) === lemma;
  return lemmas(concept).filter((lemma) => !(concept.endsWith("ing") && isAdjective(lemma)));
}

/** Whether a word is one by whom or by which something is done (opener, skateboarder), as the Porter stem knows it. */
const isAgent = (word: string, verb: string): boolean =>
  new RegExp(`^${verb.replace(/e$/, "")}ers?$`).test(word) && stemmer(word) === stemmer(verb);

/**
 * The concepts that a text uses in any inflection: the CommonGen measure, with WordNet's lemmas for its word lists. The
 * measure's Porter stems count for agents only: by stem, "experience" would be a use of "experiment". A concept of
 * several words is used where each of its words is.
 */
export function coverage(text: string, concepts: string[]): Coverage {
  const said = new Set(words(text));
  const lemmasSaid = new Set([...said].flatMap((word) => [word, ...lemmas(word)]));
  const agents = [...said].filter((word) => /ers?$/.test(word));
  const isUsed = (word: string) =>
    lemmasSaid.has(word) ||
    lemmasWanted(word).some((lemma) => lemmasSaid.has(lemma)) ||
    [...inflections(word)].some((form) => said.has(form)) ||
    agents.some((agent) => isAgent(agent, word));
  const uses = (concept: string) => {
    const wanted = words(concept);
    return wanted.length > 0 && wanted.every(isUsed);
  };
  const covered = concepts.filter(uses);
  const missing = concepts.filter((concept) => !covered.includes(concept));
  return { covered, missing, share: concepts.length === 0 ? 1 : covered.length / concepts.length };
}

const words = (text: string): string[] =>
  text
    .normalize("NFC")
    .toLowerCase()
    .match(/\p{L}+/gu) ?? [];

/** A label alone before the text; words for the answer in other languages stand in the table of labels. */
const label =
  /^[\s*_#>]*(?:(?:final|my|the)\s+)?(?:sentence|sentences|paragraph|text|story|output)[\s*_]*[:：][\s*_]*/i;

/** Where the text behind the last label of a line begins, or -1. */
function labelEnd(body: string): number {
  const announced = announcements(body).findLast(({ start, by }) => {
    const line = body.slice(body.lastIndexOf("\n", start - 1) + 1, start);
    return by !== "verb" && /^[\s*_#>]*(?:\p{L}{1,14}\s+){0,2}$/u.test(line);
  });
  let at = announced?.end ?? -1;
  for (let from = 0; from <= body.length; ) {
    const next = body.indexOf("\n", from);
    const found = label.exec(body.slice(from, Math.min(next === -1 ? body.length : next, from + 100)))?.[0];
    if (found) at = Math.max(at, from + found.length);
    if (next === -1) break;
    from = next + 1;
  }
  return at;
}

/** The text of a reply, without labels, tags and fences; what follows the last "Answer:" where a reply has one. */
export function extract(reply: string): Extracted {
  const text = spoken(reply);
  const structured = structuredAnswer(text);
  if (structured) return { answer: unquoted(structured.content), method: structured.method };
  const fenced = /```[\w-]*\n([\s\S]*?)(?:\n```|$)/.exec(text)?.[1];
  const body = (fenced ?? text).trim();
  const from = labelEnd(body);
  const answer = unquoted(
    body
      .slice(Math.max(0, from))
      .trim()
      .replace(/^\*\*|\*\*$/g, "")
      .trim(),
  );
  if (!answer) return { answer: null, method: "none" };
  return { answer, method: from !== -1 ? "label" : fenced !== undefined ? "fence" : "whole reply" };
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
