import { createHash } from "node:crypto";
import type { Condition } from "./condition.ts";
import { Refusal } from "./refusal.ts";
import type { Store } from "./store.ts";

/** Which runs are wanted, newest first, and how many of them. */
export interface PageRequest {
  /** Keys of projects. */
  projects: number[];
  condition: Condition;
  /** The condition names traces, runs or examples: then the index of those is used, not the project's. */
  narrow: boolean;
  size: number;
  cursor?: string;
  /** What the cursor belongs to: it is refused for another question. */
  question: unknown;
}

interface Place {
  key: number;
  start_time: number;
  id: string;
}

/**
 * The keys of one page of runs and the cursor of the next. Each project is walked by itself along its index from where
 * the last page ended, so that a page costs the same wherever it lies.
 */
export function pageOf(store: Store, request: PageRequest): { keys: number[]; cursor?: string } {
  const mark = createHash("sha256").update(JSON.stringify(request.question)).digest("base64url").slice(0, 12);
  const from = request.cursor === undefined ? null : placeIn(request.cursor, mark);
  const past = from ? "AND (r.start_time, r.id) < (?, ?)" : "";
  const sql = `SELECT r.key AS key, r.start_time AS start_time, r.id AS id FROM runs AS r
    WHERE ${request.narrow ? "+" : ""}r.project = ? ${past} AND ${request.condition.sql}
    ORDER BY r.start_time DESC, r.id DESC LIMIT ?`;
  const found = request.projects.flatMap((project) =>
    store.all<Place>(sql, project, ...(from ?? []), ...request.condition.values, request.size + 1),
  );
  found.sort((a, b) => b.start_time - a.start_time || (a.id < b.id ? 1 : -1));
  const page = found.slice(0, request.size);
  const last = page.at(-1);
  return {
    keys: page.map(({ key }) => key),
    ...(last && found.length > request.size && { cursor: cursorOf(last, mark) }),
  };
}

const cursorOf = ({ start_time, id }: Place, mark: string): string =>
  Buffer.from(JSON.stringify([start_time, id, mark])).toString("base64url");

function placeIn(cursor: string, mark: string): [number, string] {
  try {
    const [time, id, of] = JSON.parse(Buffer.from(cursor, "base64url").toString());
    if (typeof time === "number" && typeof id === "string" && of === mark) return [time, id];
  } catch {
    // not one of ours
  }
  throw new Refusal(400, "The cursor is not one of this query: begin again without a cursor.");
}
