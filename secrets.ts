/**
 * Keys are taken out where data leaves a run: traces, threads, recordings, results, datasets, logs and error texts; this
 * process's own keys already where a model's reply comes in, for a tracer that is not ours sees it before we do. What is
 * said within a run is otherwise never changed. A key is a value of this process's own key variables, or a text in one issuer's
 * format at its real length; a password of no issuer's format that is in no variable here is not found.
 */
const KEY = "[key]";

/**
 * What issuers' keys look like: a text that every one of them holds, which is cheap to look for, and its whole pattern.
 * Lengths are the issuers' own, with room where these vary; formats without a mark of their own (32 hex digits) are left out.
 */
const formats: [mark: string, pattern: string][] = [
  ["sk-", "sk-(?:[A-Za-z0-9]{48}|[A-Za-z0-9]{32})"], // OpenAI until 2024, DeepSeek, DashScope, Moonshot
  ["sk-", "sk-(?:proj|svcacct|admin|None|service)-[\\w-]{40,200}"], // OpenAI
  ["sk-ant-", "sk-ant-[a-z]{3,8}\\d\\d-[\\w-]{80,120}"], // Anthropic
  ["sk-or-v1-", "sk-or-v1-[0-9a-f]{64}"], // OpenRouter
  ["-lf-", "[sp]k-lf-[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}"], // Langfuse
  ["csk-", "csk-[a-z0-9]{48}"], // Cerebras
  ["hf_", "hf_[A-Za-z0-9]{34}"], // Hugging Face
  ["api_org_", "api_org_[A-Za-z0-9]{34}"], // Hugging Face, of an organisation
  ["gsk_", "gsk_[A-Za-z0-9]{52}"], // Groq
  ["xai-", "xai-[A-Za-z0-9]{80}"], // xAI
  ["nvapi-", "nvapi-[\\w-]{64}"], // NVIDIA
  ["pplx-", "pplx-[A-Za-z0-9]{48}"], // Perplexity
  ["r8_", "r8_[A-Za-z0-9]{37}"], // Replicate
  ["tgp_v1_", "tgp_v1_[\\w-]{43}"], // Together
  ["fw_", "fw_(?=[A-Za-z]*\\d)[A-Za-z0-9]{22,24}"], // Fireworks
  ["e2b_", "e2b_[0-9a-f]{40}"], // E2B
  ["tvly-", "tvly-(?:dev-|prod-)?[A-Za-z0-9]{32}"], // Tavily
  ["pcsk_", "pcsk_[A-Za-z0-9]{5,6}_[A-Za-z0-9]{60,68}"], // Pinecone
  ["sk_", "sk_[0-9a-f]{48}"], // ElevenLabs
  ["lsv2_", "lsv2_(?:pt|sk)_[0-9a-f]{32}_[0-9a-f]{10}"], // LangSmith
  ["ls__", "ls__[0-9a-f]{32}"], // LangSmith until 2024
  ["AKIA", "AKIA[A-Z0-9]{16}"], // AWS, the key's id
  ["ASIA", "ASIA(?=[A-Z]*\\d)[A-Z0-9]{16}"], // AWS, for a session
  ["ABSK", "ABSK[A-Za-z0-9+/]{109,269}={0,2}"], // AWS Bedrock
  ["AIza", "AIza[\\w-]{35}"], // Google
  ["ya29.", "ya29\\.[\\w-]{60,400}"], // Google OAuth
  ["GOCSPX-", "GOCSPX-[\\w-]{28}"], // Google OAuth, of a client
  ["JQQJ9", "[A-Za-z0-9]{52}JQQJ9[A-Za-z0-9]{27}"], // Azure AI
  ["Q~", "[\\w~.-]{3}\\dQ~[\\w~.-]{31,34}"], // Azure, of an app
  ["==", "[A-Za-z0-9+/]{76}(?:APIM|ACDb|\\+(?:ABa|AMC|ASt))[A-Za-z0-9+/]{5,6}[AQgw]=="], // Azure storage and others
  ["gh", "gh[oprsu]_[A-Za-z0-9]{36}"], // GitHub
  ["github_pat_", "github_pat_[A-Za-z0-9]{22}_[A-Za-z0-9]{59}"], // GitHub
  ["gl", "gl(?:pat|dt|rt|ptt|ft|cbt|soat|imt|agent|oas)-[\\w-]{20,64}(?:\\.[0-9a-z]{2}\\.[0-9a-z]{9})?"], // GitLab
  ["xox", "xox[abeoprs]-(?:\\d-[A-Za-z0-9]{100,250}|\\d{8,14}-[A-Za-z0-9-]{20,120})"], // Slack
  ["xapp-", "xapp-\\d-[A-Z0-9]{8,14}-\\d{8,16}-[0-9a-f]{64}"], // Slack, of an app
  ["hooks.slack.com/", "hooks\\.slack\\.com/services/T[A-Z0-9]{8,12}/B[A-Z0-9]{8,12}/[A-Za-z0-9]{24}"], // Slack
  ["k_live_", "[prs]k_live_(?:[A-Za-z0-9]{24,34}|[A-Za-z0-9]{90,107})"], // Stripe
  ["k_test_", "[prs]k_test_(?:[A-Za-z0-9]{24,34}|[A-Za-z0-9]{90,107})"], // Stripe
  ["whsec_", "whsec_[A-Za-z0-9+/]{32,64}={0,2}"], // Stripe, of a webhook
  ["npm_", "npm_[A-Za-z0-9]{36}"], // npm
  ["pypi-AgE", "pypi-AgE[\\w-]{50,1000}"], // PyPI
  ["rubygems_", "rubygems_[0-9a-f]{48}"], // RubyGems
  ["dckr_", "dckr_[op]at_[\\w-]{27,32}"], // Docker
  ["SG.", "SG\\.[\\w-]{22}\\.[\\w-]{43}"], // SendGrid
  ["SK", "SK[0-9a-f]{32}"], // Twilio
  ["do", "do[opr]_v1_[0-9a-f]{64}"], // DigitalOcean
  ["dapi", "dapi[0-9a-f]{32}(?:-\\d)?"], // Databricks
  ["shp", "shp(?:at|ca|pa|ss)_[0-9a-fA-F]{32}"], // Shopify
  ["sq0", "sq0(?:atp-[\\w-]{22}|csp-[\\w-]{43})"], // Square
  [":AA", "\\d{8,10}:AA[\\w-]{33}"], // Telegram
  [".", "[MNO][\\w-]{23,27}\\.[\\w-]{6}\\.[\\w-]{27,38}"], // Discord
  ["ntn_", "ntn_[A-Za-z0-9]{46}"], // Notion
  ["secret_", "secret_[A-Za-z0-9]{43}"], // Notion until 2024
  ["lin_api_", "lin_api_[A-Za-z0-9]{40}"], // Linear
  ["figd_", "figd_[\\w-]{40}"], // Figma
  ["glsa_", "glsa_[A-Za-z0-9]{32}_[0-9a-f]{8}"], // Grafana
  ["NRAK-", "NRAK-[A-Z0-9]{27}"], // New Relic
  ["PMAK-", "PMAK-[0-9a-f]{24}-[0-9a-f]{34}"], // Postman
  ["dp.pt.", "dp\\.pt\\.[A-Za-z0-9]{43}"], // Doppler
  ["hvs.", "hvs\\.[\\w-]{90,120}"], // HashiCorp Vault
  [".atlasv1.", "[A-Za-z0-9]{14}\\.atlasv1\\.[\\w-]{60,70}"], // HashiCorp Terraform
  ["sbp_", "sbp_[0-9a-f]{40}"], // Supabase
  ["pat", "pat[A-Za-z0-9]{14}\\.[0-9a-f]{64}"], // Airtable
];

const issued = formats.map(([mark, pattern]) => ({
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
/** The shortest key of `formats`. */
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
