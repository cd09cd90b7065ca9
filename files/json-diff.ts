/** A JSON value; what JSON leaves out (undefined) counts as a key that is not there. */
export type Json = null | boolean | number | string | Json[] | { [key: string]: Json };

/**
 * What turns one JSON value into another: `is` replaces it; `set`, `in` and `gone` say which keys of an object got
 * another value, changed within, or went; `at` says which items of a list changed, and adds new ones. A new item is
 * told by how it differs from the one before it, since items of a list are mostly alike.
 */
export interface JsonDiff {
  is?: Json;
  set?: { [key: string]: Json };
  in?: { [key: string]: JsonDiff };
  gone?: string[];
  at?: [index: number, change: JsonDiff][];
}

type JsonObject = { [key: string]: Json };
const isObject = (value: Json | undefined): value is JsonObject =>
  typeof value === "object" && value !== null && !Array.isArray(value);

/** What turns `before` into `after`; undefined where they are equal. Lists that got shorter are written whole. */
export function jsonDiff(before: Json | undefined, after: Json): JsonDiff | undefined {
  if (before === after) return undefined;
  if (isObject(before) && isObject(after)) return objectDiff(before, after);
  if (Array.isArray(before) && Array.isArray(after) && after.length >= before.length)
    return listDiff(before, after);
  return { is: after };
}

function objectDiff(before: JsonObject, after: JsonObject): JsonDiff | undefined {
  const set: [string, Json][] = [];
  const inside: [string, JsonDiff][] = [];
  for (const [key, value] of Object.entries(after)) {
    if (value === undefined) continue;
    const change = jsonDiff(Object.hasOwn(before, key) ? before[key] : undefined, value);
    if (change?.is !== undefined) set.push([key, change.is]);
    else if (change) inside.push([key, change]);
  }
  const gone = Object.keys(before).filter((key) => !Object.hasOwn(after, key) || after[key] === undefined);
  if (set.length + inside.length + gone.length === 0) return undefined;
  return {
    ...(set.length > 0 && { set: Object.fromEntries(set) }),
    ...(inside.length > 0 && { in: Object.fromEntries(inside) }),
    ...(gone.length > 0 && { gone }),
  };
}

function listDiff(before: Json[], after: Json[]): JsonDiff | undefined {
  const at: [number, JsonDiff][] = [];
  for (const [i, item] of after.entries()) {
    const change = jsonDiff(i < before.length ? before[i] : after[i - 1], item);
    if (change || i >= before.length) at.push([i, change ?? {}]);
  }
  return at.length > 0 ? { at } : undefined;
}

/** The value that a change makes of `before`, which stays as it is. Throws a TypeError where it does not fit. */
export function applyJsonDiff(before: Json | undefined, change: JsonDiff): Json {
  if (change.is !== undefined) return change.is;
  if (change.at) {
    if (!Array.isArray(before)) throw new TypeError("a list was changed that is not there");
    const list = [...before];
    for (const [i, inner] of change.at) {
      if (i > list.length) throw new TypeError(`item ${i} was changed of a list of ${list.length}`);
      list[i] = applyJsonDiff(i < list.length ? list[i] : list[i - 1], inner);
    }
    return list;
  }
  if (before === undefined) throw new TypeError("a value was changed that is not there");
  if (!change.set && !change.in && !change.gone) return before;
  if (!isObject(before)) throw new TypeError("an object was changed that is not there");
  const entries = new Map(Object.entries(before));
  for (const key of change.gone ?? []) entries.delete(key);
  for (const [key, value] of Object.entries(change.set ?? {})) entries.set(key, value);
  for (const [key, inner] of Object.entries(change.in ?? {}))
    entries.set(key, applyJsonDiff(entries.get(key), inner));
  return Object.fromEntries(entries);
}
