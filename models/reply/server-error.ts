import { isObject, type Json } from "./json.ts";

interface ServerError {
  message: string;
  /** Null where the error names none. */
  status: number | null;
  code: string | undefined;
  /** The field of the request that it is about, as a path. */
  param: string | undefined;
}

/** Statuses by the words that servers use for them, in `code`, `type` or `status`; the first that fits counts. */
const statuses: [RegExp, number][] = [
  [/quota|rate.?limit|too.?many|resource.?exhausted|throttl/i, 429],
  [/payment|billing|insufficient.?(credit|balance|fund)/i, 402],
  [/overloaded|unavailable|loading|capacity/i, 503],
  [/auth|api.?key/i, 401],
  [/permission|forbidden/i, 403],
  [/context.?length|invalid.?(request|argument|prompt)|bad.?request|validation|unprocessable/i, 400],
  [/not.?found/i, 404],
  [/timeout|deadline/i, 408],
  [/internal|server.?error/i, 500],
];

/** The error that a JSON value reports in one of the shapes in use; null where it reports none. */
export function errorIn(json: unknown): ServerError | null {
  if (Array.isArray(json)) return json.length > 0 ? errorIn(json[0]) : null; // Gemini's
  if (!isObject(json)) return null;
  const nested = nestedError(json);
  if (nested)
    return {
      message: wordsOf(nested, json),
      status: statusOf(nested, json),
      code: codeOf(nested),
      param: paramIn(nested) ?? paramIn(json),
    };
  if (Array.isArray(json.choices) && json.choices.length > 0) return null;
  const words = ownWords(json);
  const tells =
    json.object === "error" || json.type === "error" || json.success === false || json.status === "error";
  if (words === null && !tells) return null;
  return {
    message: words ?? JSON.stringify(json),
    status: statusOf(json, {}),
    code: codeOf(json),
    param: paramIn(json),
  };
}

/** `error`, `errors[0]` or OpenRouter's `choices[0].error`. */
function nestedError(json: Json): Json | null {
  const [choice] = Array.isArray(json.choices) ? json.choices : [];
  const [first] = Array.isArray(json.errors) ? json.errors : [];
  const error = json.error ?? first ?? (isObject(choice) ? choice.error : null);
  if (typeof error === "string" && error.trim()) return { message: error };
  if (error === true) return json;
  return isObject(error) && Object.keys(error).length > 0 ? error : null;
}

/** The sentence of an error that stands in no field of its own: vLLM's, FastAPI's `detail`, gateways' `message`. */
function ownWords(json: Json): string | null {
  for (const key of ["message", "detail", "msg", "error_message", "error_msg", "error_description"]) {
    const words = json[key];
    if (typeof words === "string" && words.trim()) return words.trim();
    if (key === "detail" && isObject(words)) return wordsOf(nestedError(words) ?? words, {});
    if (key === "detail" && Array.isArray(words) && words.length > 0)
      return words
        .map((part) => (isObject(part) ? [part.loc, part.msg].flat().join(" ") : String(part)))
        .join("; ");
  }
  return null;
}

/** What names a field of a request: OpenAI's `param`, FastAPI's `loc`, JSON:API's `source.pointer`, and others' words. */
const paramFields = ["param", "parameter", "field", "loc", "pointer", "path"];
/** What holds such a name: lists of what is wrong, RFC 9457's among them. */
const paramHolders = ["detail", "details", "errors", "source", "invalid-params", "invalid_params", "error"];

/** The path of the field that an error is about, without what it stands in: `response_format.type`. */
function paramIn(error: Json): string | undefined {
  for (const field of paramFields) {
    const path = [error[field]].flat().join(".");
    const names = path.split(/[./]/).filter((name) => name && !/^(body|query|request|\$)$/.test(name));
    if (/^[a-z]/i.test(names[0] ?? "")) return names.join(".");
  }
  for (const holder of paramHolders) {
    const first = [error[holder]].flat()[0];
    if (!isObject(first)) continue;
    const named = paramIn(first) ?? (holder.startsWith("invalid") ? textOf(first.name) : undefined);
    if (named) return named;
  }
  return undefined;
}

const textOf = (value: unknown) => (typeof value === "string" ? value : undefined);

const wordsOf = (error: Json, outer: Json): string =>
  ownWords(error) ?? ownWords(outer) ?? JSON.stringify(error);

function statusOf(error: Json, outer: Json): number | null {
  for (const { code, status, status_code, statusCode, http_status } of [error, outer])
    for (const named of [code, status, status_code, statusCode, http_status]) {
      const number = typeof named === "string" && /^\d{3}$/.test(named) ? Number(named) : named;
      if (typeof number === "number" && number >= 400 && number <= 599) return number;
    }
  const words = [error.code, error.type, error.status, outer.type].filter((word) => typeof word === "string");
  for (const word of words) for (const [pattern, status] of statuses) if (pattern.test(word)) return status;
  return null;
}

function codeOf({ code, type }: Json): string | undefined {
  const word = [code, type].find((word) => typeof word === "string" && /[a-z]/i.test(word));
  return word as string | undefined;
}
