import type { Context } from "hono";
import { notBuilt, Refusal } from "./refusal.ts";

type Kind = "text" | "list" | "number" | "ignored";
type Of<K extends Kind> = K extends "list"
  ? string[]
  : K extends "number"
    ? number | undefined
    : string | undefined;

/**
 * The query of a request by the parameters that are known for it. One that is not known answers 501: what it asks for
 * would be left out in silence.
 */
export function parameters<T extends Record<string, Kind>>(
  c: Context,
  known: T,
): { [N in keyof T]: Of<T[N]> } {
  const query = new URL(c.req.url).searchParams;
  for (const name of query.keys())
    if (!(name in known)) throw notBuilt(`the parameter ${name} of ${c.req.method} ${c.req.path}`);
  const values = Object.entries(known).map(([name, kind]) => {
    const text = query.get(name) ?? undefined;
    if (kind === "list") return [name, query.getAll(name)];
    if (kind === "text" || text === undefined) return [name, text];
    const number = Number(text);
    if (kind === "number" && !(Number.isInteger(number) && number >= 0))
      throw new Refusal(422, `${name} is a whole number, not ${text}.`);
    return [name, kind === "number" ? number : text];
  });
  return Object.fromEntries(values);
}
