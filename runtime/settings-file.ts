import { readFileSync } from "node:fs";
import { basename, extname } from "node:path";
import { distance } from "fastest-levenshtein";
import { isNode, LineCounter, parseDocument } from "yaml";
import { z } from "zod";
import { type Mode, modes } from "../state/run-info.ts";
import { presets, Settings } from "../state/settings.ts";

/** A settings file that cannot be used; the message names its line. */
export class SettingsError extends Error {
  override name = "SettingsError";
}

/** Settings under a name: a team of one's own, or what an assistant of Studio is made of. */
export interface SettingsFile {
  name: string;
  description: string;
  /** The mode that it is meant for, if it says so. */
  mode: Mode | null;
  /** What it sets, its preset included. */
  settings: Partial<Settings>;
}

const Form = Settings.partial()
  .extend({
    name: z.string().trim().min(1).max(80).optional(),
    description: z.string().trim().max(500).optional(),
    mode: z.enum(modes).optional(),
    preset: z.enum(Object.keys(presets) as [keyof typeof presets]).optional(),
  })
  .strict();

/** Reads a YAML file of settings. Throws SettingsError. */
export function readSettingsFile(file: string): SettingsFile {
  let text: string;
  try {
    text = readFileSync(file, "utf8");
  } catch (error) {
    throw new SettingsError(`${file} cannot be read (${(error as NodeJS.ErrnoException).code}).`);
  }
  return parseSettings(text, file);
}

/** `file` is what messages call it. */
function parseSettings(text: string, file: string): SettingsFile {
  const lines = new LineCounter();
  const document = parseDocument(text, { lineCounter: lines, prettyErrors: false });
  const wrong = (offset: number, what: string) =>
    new SettingsError(`${file}, line ${lines.linePos(offset).line}: ${what}.`);
  const [broken] = document.errors;
  if (broken) throw wrong(broken.pos[0], broken.message.split("\n")[0]!.replace(/\.$/, ""));
  const { data, error } = Form.safeParse(document.toJS() ?? {});
  if (!data) {
    const issue = error.issues[0]!;
    const unknown = issue.code === "unrecognized_keys" ? issue.keys[0] : undefined;
    const path = unknown === undefined ? issue.path : [...issue.path, unknown];
    throw wrong(
      offsetOf(document, path),
      unknown === undefined
        ? `${path.join(".") || "the file"}: ${issue.message}`
        : `there is no setting ${unknown}${suggestion(unknown, issue.path)}`,
    );
  }
  const { name = basename(file, extname(file)), description = "", mode = null, preset, ...rest } = data;
  const twice = repeatedName(rest.experts ?? []);
  if (twice !== null)
    throw wrong(offsetOf(document, ["experts", twice, "name"]), "two experts have this name");
  const given = Object.fromEntries(Object.entries(rest).filter(([key]) => document.has(key)));
  // A team that is named may speak, all of it, unless the file says otherwise.
  const cap = given.experts && given.maxExperts === undefined && { maxExperts: rest.experts!.length };
  return { name, description, mode, settings: { ...(preset && presets[preset]), ...cap, ...given } };
}

/** Where a value stands; where it is missing, what should hold it. */
function offsetOf(document: ReturnType<typeof parseDocument>, path: readonly PropertyKey[]): number {
  for (let length = path.length; length > 0; length--) {
    const node = document.getIn(path.slice(0, length), true);
    if (isNode(node) && node.range) return node.range[0];
  }
  return document.contents?.range?.[0] ?? 0;
}

function suggestion(word: string, path: readonly PropertyKey[]): string {
  if (path.length > 0) return "";
  const [nearest = ""] = Object.keys(Form.shape).sort((a, b) => distance(word, a) - distance(word, b));
  return distance(word, nearest) <= 3 ? ` (did you mean ${nearest}?)` : "";
}

/** The place of an expert whose name an earlier one has. */
function repeatedName(experts: readonly { name: string }[]): number | null {
  const names = experts.map(({ name }) => name.toLowerCase());
  const index = names.findIndex((name, i) => names.indexOf(name) < i);
  return index < 0 ? null : index;
}
