/**
 * Keys are taken out where data leaves a run: traces, threads, recordings, results, datasets, logs and error texts; this
 * process's own keys already where a model's reply comes in, for a tracer that is not ours sees it before we do. What is
 * said within a run is otherwise never changed. A key is a value of this process's own key variables, or a text in one issuer's
 * format at its real length; a password of no issuer's format that is in no variable here is not found.
 */
import { keyFormats } from "./key-formats.ts";

const KEY = "[key]";

const issued = keyFormats.map(([mark, pattern]) => ({
  mark,
  pattern: new RegExp(`${pattern}(?![A-Za-z0-9])`, "g"),
}));

/** A key begins a word; before it may stand an escape of JSON, of a URL or of a terminal, which ends in a letter or digit. */
const escaped = /(?:\\[bfnrtv]|\\u[0-9a-fA-F]{4}|\\x[0-9a-fA-F]{2}|%[0-9a-fA-F]{2}|\[[\d;]{0,20}m)$/;
const beginsAt = (text: string, at: number): boolean =>
  at === 0 || !/[A-Za-z0-9]/.test(text[at - 1]!) || escaped.test(text.slice(Math.max(0, at - 24), at));

/** Secrets that only what stands before them tells. The first group stays. */
const introduced: { mark: string; pattern: RegExp }[] = [
  {
    mark: "PRIVATE KEY-----",
    pattern:
      /(-----BEGIN [A-Z ]{0,40}PRIVATE KEY-----)[A-Za-z0-9+/=\s\\]{100,8000}(?=-----END [A-Z ]{0,40}PRIVATE KEY-----)/g,
  },
  {
    mark: "ccess", // of AWS, which has 40 signs and no mark
    pattern:
      /((?:secret_?access_?key|aws_?secret_?key)[\\"'\s]{0,6}[:=][\\"'\s]{0,6})[A-Za-z0-9/+]{40}(?![A-Za-z0-9/+=])/gi,
  },
];

/** Fewer different signs than this make a placeholder: `hf_xxxx…`. */
const DISTINCT = 7;
/** The shortest key of `keyFormats`. */
const SHORTEST_ISSUED = 20;
/** Shorter values of own variables are no keys, and would be found everywhere. */
const SHORTEST_OWN = 8;

const isPlaceholder = (key: string): boolean => new Set(key.slice(-20)).size < DISTINCT;

const keyNamed =
  /(KEY|TOKEN|SECRET|PASSWORD|PASSWD|PASSPHRASE|(?<!^(?:OLD)?)PWD|CREDENTIALS?|_PAT)(_?\d{1,3})?$/i;
const addressNamed = /(URL|URI|ENDPOINT|DSN|PROXY)$/i;
const registered = new Set<string>();

/** Says that this variable of the environment holds a key, whatever it is called. */
export function registerKeyVariable(name: string): void {
  registered.add(name);
}

/** The values of this process's key variables, and the passwords in its addresses; a plain short word is a placeholder. */
export function ownKeys(): string[] {
  const found = new Set<string>();
  // To read all values would take longer than to look at their names.
  for (const name of Object.keys(process.env)) {
    if (registered.has(name) || keyNamed.test(name)) found.add(process.env[name]!.trim());
    else if (addressNamed.test(name))
      found.add(/:\/\/[^\s/@:]{0,200}:([^\s/@]{1,400})@/.exec(process.env[name]!)?.[1] ?? "");
  }
  return [...found]
    .filter((value) => value.length >= SHORTEST_OWN && !/^[a-z]{1,12}$/i.test(value))
    .sort((a, b) => b.length - a.length); // one may be the beginning of another
}

/** The text with `[key]` in place of each of these keys. */
export function withoutOwn(text: string, own: readonly string[]): string {
  let clean = text;
  for (const key of own) if (clean.includes(key)) clean = clean.replaceAll(key, KEY);
  return clean;
}

function withoutKeys(text: string, own: readonly string[]): string {
  if (text.length < SHORTEST_OWN) return text;
  let clean = withoutOwn(text, own);
  if (text.length < SHORTEST_ISSUED) return clean;
  for (const { mark, pattern } of issued)
    if (clean.includes(mark))
      clean = clean.replace(pattern, (key: string, at: number, all: string) =>
        isPlaceholder(key) || !beginsAt(all, at) ? key : KEY,
      );
  for (const { mark, pattern } of introduced)
    if (clean.includes(mark)) clean = clean.replace(pattern, `$1${KEY}`);
  return clean;
}

/** The text with `[key]` in place of each key. */
export const redact = (text: string): string => withoutKeys(text, ownKeys());

/** The error, without keys in what it says and in its stack. */
export function redactError(error: unknown): unknown {
  if (!(error instanceof Error)) return error;
  for (const field of ["message", "stack"] as const) {
    const said = error[field] ?? "";
    const clean = redact(said);
    if (clean !== said) Object.defineProperty(error, field, { value: clean, configurable: true });
  }
  return error;
}

/**
 * Takes this process's own keys out of a text that comes in pieces: what may be the beginning of one is held back. Keys of
 * others stay: a model may write a program that has one in it.
 */
export class OwnKeyFilter {
  private held = "";

  constructor(private readonly own: readonly string[] = ownKeys()) {}

  push(piece: string): string {
    const text = withoutOwn(this.held + piece, this.own);
    const most = Math.max(0, ...this.own.map((key) => begunAtEnd(text, key)));
    this.held = text.slice(text.length - most);
    return text.slice(0, text.length - most);
  }

  /** What is still held back, at the end of the text. */
  end(): string {
    const rest = this.held;
    this.held = "";
    return rest;
  }
}

/** How many signs at the end of the text are the beginning of the key. */
function begunAtEnd(text: string, key: string): number {
  let length = Math.min(key.length - 1, text.length);
  while (length > 0 && !text.endsWith(key.slice(0, length))) length--;
  return length;
}

/**
 * `redact` for every string of a JSON value, the names of fields included; a value that holds no key is given back itself.
 * What a class writes of itself (`toJSON`) is looked at as it would be written. Fit for `anonymizer` of LangSmith's client.
 */
export function redactJson<T>(value: T): T {
  const own = ownKeys();
  return holdsKey(value, own, new Set()) ? (copied(value, own, new Map()) as T) : value;
}

/** JSON text without keys; it stays as it is where it holds none. Throws SyntaxError where it is no JSON. */
export function redactJsonText(json: string): string {
  const value: unknown = JSON.parse(json);
  const clean = redactJson(value);
  return clean === value ? json : JSON.stringify(clean);
}

/** As JSON.stringify takes it. Bytes are no text. */
function written(value: object): unknown {
  if (ArrayBuffer.isView(value)) return null;
  const { toJSON } = value as { toJSON?: unknown };
  return typeof toJSON === "function" ? toJSON.call(value, "") : value;
}

function holdsKey(value: unknown, own: readonly string[], seen: Set<object>): boolean {
  if (typeof value === "string") return withoutKeys(value, own) !== value;
  if (value === null || typeof value !== "object" || seen.has(value)) return false;
  seen.add(value);
  const plain = written(value);
  if (plain !== value) return holdsKey(plain, own, seen);
  if (Array.isArray(value)) return value.some((part) => holdsKey(part, own, seen));
  for (const name in value) {
    if (!Object.hasOwn(value, name)) continue;
    if (holdsKey(name, own, seen) || holdsKey((value as Record<string, unknown>)[name], own, seen))
      return true;
  }
  return false;
}

function copied(value: unknown, own: readonly string[], made: Map<object, unknown>): unknown {
  if (typeof value === "string") return withoutKeys(value, own);
  if (value === null || typeof value !== "object" || ArrayBuffer.isView(value)) return value;
  if (made.has(value)) return made.get(value);
  const plain = written(value);
  if (plain !== value) return copied(plain, own, made);
  if (Array.isArray(value)) {
    const list: unknown[] = [];
    made.set(value, list);
    for (const part of value) list.push(copied(part, own, made));
    return list;
  }
  const fields = {};
  made.set(value, fields);
  for (const [name, part] of Object.entries(value))
    Object.defineProperty(fields, withoutKeys(name, own), {
      value: copied(part, own, made),
      enumerable: true,
      configurable: true,
      writable: true,
    });
  return fields;
}
