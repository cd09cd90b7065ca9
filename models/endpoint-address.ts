import { CatalogError } from "./catalog-error.ts";

const standard = "https://api.openai.com/v1";

/** The value of a variable; blank is unset, as in a copied .env.example. */
export const environment = (name: string): string | undefined => process.env[name]?.trim() || undefined;

/** What people append to a base URL, and the client appends itself. */
const appended = /\/(?:chat\/)?completions\/?$/;

/**
 * The base URL that `text` means, without slashes at its end. Throws a CatalogError that says what is wrong with it;
 * `origin` names where it was given.
 */
export function baseUrl(text: string, origin: string): string {
  const wrong = (why: string) => new CatalogError(`${origin} is ${JSON.stringify(shown(text))}: ${why}.`);
  const given = text.trim();
  const example = "write it like http://localhost:8000/v1";
  if (!/^https?:\/\//i.test(given)) {
    const scheme = /^[a-z][\w+.-]*:\/\//i.test(given);
    throw wrong(
      scheme
        ? `only http:// and https:// are spoken; ${example}`
        : `it lacks http:// or https://; ${example}`,
    );
  }
  if (/\s/.test(given)) throw wrong(`it holds a space; ${example}`);
  if (!URL.canParse(given)) throw wrong(`it is no URL; ${example}`);
  const url = new URL(given);
  if (url.username || url.password) throw wrong("a user name or password cannot be sent in it: give a key");
  if (url.search || url.hash) throw wrong("it must end with its path, without ? and #");
  return given.replace(/\/+$/, "").replace(appended, "").replace(/\/+$/, "");
}

/** A password in an address is not repeated. */
const shown = (text: string) => text.replace(/\/\/[^/@\s]*@/, "//[key]@");

/** The server of models that name none: OPENAI_BASE_URL, else OpenAI. Throws a CatalogError. */
export function defaultServer(): string {
  const given = environment("OPENAI_BASE_URL");
  return given === undefined ? standard : baseUrl(given, "OPENAI_BASE_URL");
}

/** A key that can be sent. Throws a CatalogError that does not show it. */
export function sendableKey(key: string, name: string): string {
  const at = [...key].findIndex((letter) => !/^[\x21-\x7e]$/.test(letter));
  if (at < 0) return key;
  throw new CatalogError(
    `${name} cannot be sent: its character ${at + 1} of ${[...key].length} is none that an HTTP header can carry; copy the key anew.`,
  );
}
