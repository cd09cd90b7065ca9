/** Keys by their issuers' marks. Lengths are bounded, so that time stays linear in the text. */
const marked = [
  // OpenAI, Anthropic, OpenRouter, Stripe …: also as servers show them, with stars
  /\b(?:sk|pk|rk|xai|nvapi|glpat|pypi)-[\w*-]{8,400}/g,
  /\b(?:sk|pk|rk)_(?:live|test|proj)_[\w*-]{8,400}/g,
  /\blsv2_[\w-]{6,400}/g,
  /\b(?:hf|gsk|npm|r8|fw|tgp_v1|sk|pk)_(?:(?=\w{0,60}\d)\w{12,400}|[A-Za-z0-9]{20,400})/g,
  /\b(?:gh[oprsu]_[A-Za-z0-9]{16,400}|github_pat_\w{16,400})/g,
  /\b(?:AKIA|ASIA)[A-Z0-9]{12,20}\b/g,
  /\b(?:AIza|ya29\.)[\w-]{20,400}/g,
  /\bxox[abeoprs]-[\w-]{10,400}/g,
  // a JSON Web Token
  /\beyJ[\w-]{8,4000}\.[\w-]{8,8000}(?:\.[\w-]{0,4000})?/g,
  /-----BEGIN [A-Z ]{0,40}PRIVATE KEY-----[\s\S]{0,8000}?-----END [A-Z ]{0,40}PRIVATE KEY-----/g,
];

/** A secret by what stands before it; English that only speaks of tokens and bearers has no digit or dot within so long a word. */
const introduced: [RegExp, string][] = [
  [
    /\b(Bearer)\s{1,8}(?:(?=[\w.~+/=-]{0,200}(?:\d|\w\.\w))[\w.~+/=-]{8,4000}|[\w.~+/=-]{20,4000})/gi,
    "$1 [key]",
  ],
  [/\b(Basic)\s{1,8}(?=[\w+/=]{0,200}\d)[\w+/=]{12,4000}/g, "$1 [key]"],
  [
    /((?:authorization|x-api-key)\\?["']?\s{0,4}[:=]\s{0,4}\\?["']?)(?!Bearer|Basic|\[key\])(?:token\s{1,4})?(?=[\w.~+/=-]{0,200}\d)[\w.~+/=-]{8,4000}/gi,
    "$1[key]",
  ],
  [
    /((?:api[_-]?key|access[_-]?key|secret|token|passw(?:or)?d|credential)s?\\?["']?\s{0,4}[:=]\s{0,4}\\?["']?)(?=[\w+/=~-]{0,200}\d)(?=[\w+/=~-]{0,200}[A-Za-z])(?:[A-Za-z0-9+/=~-]{12,4000}|(?<=["'])[\w+/=~.-]{12,4000})(?![\w([])/gi,
    "$1[key]",
  ],
  [/(:\/\/)[^\s/@:"'\\]{1,200}:[^\s/@"'\\]{1,400}@/g, "$1[key]@"],
];

/**
 * Keys must not show: in what servers echo, in recordings, traces and datasets. Replaces what looks like a key, and the
 * keys of this process, by `[key]`. Text that is itself JSON stays JSON.
 */
export const redacted = (text: string): string => withoutKeys(text, ownKeys());

function withoutKeys(text: string, own: readonly string[]): string {
  if (text.length < SHORTEST) return text;
  let clean = text;
  for (const key of own) if (clean.includes(key)) clean = clean.replaceAll(key, "[key]");
  for (const pattern of marked) clean = clean.replace(pattern, "[key]");
  for (const [pattern, instead] of introduced) clean = clean.replace(pattern, instead);
  return clean;
}

/** The same for every string of a value, the names of fields included. */
export function redactedDeep<T>(value: T): T {
  const own = ownKeys();
  const clean = (part: unknown): unknown => {
    if (typeof part === "string") return withoutKeys(part, own);
    if (Array.isArray(part)) return part.map(clean);
    if (part === null || typeof part !== "object") return part;
    return Object.fromEntries(
      Object.entries(part).map(([name, inner]) => [withoutKeys(name, own), clean(inner)]),
    );
  };
  return clean(value) as T;
}

/** Shorter values are no keys, and would be found everywhere. */
const SHORTEST = 8;

/** The values of this process's variables that are called keys; a plain short word is a placeholder. */
function ownKeys(): string[] {
  const names = Object.keys(process.env).filter((name) => calledKey.test(name)); // to read them all would take longer
  const values = names.map((name) => process.env[name] ?? "");
  return values.filter((value) => value.length >= SHORTEST && !/^[a-z]{1,12}$/i.test(value));
}
const calledKey = /(KEY|TOKEN|SECRET|PASSWORD|PASSWD|CREDENTIALS?)$/i;

/**
 * What a user typed, without keys. Called where input enters, so that no thread, journal, recording or trace holds them;
 * `what` names it in the line that tells the user.
 */
export function keptOut<T>(value: T, what: string): T {
  const clean = redactedDeep(value);
  if (JSON.stringify(clean) === JSON.stringify(value)) return value;
  process.stderr.write(`a key in ${what} was replaced by [key]\n`);
  return clean;
}
