import type { StateUpdate } from "./fold.ts";

/**
 * An update as a node wrote it, without LangGraph's wrapping of values that replace a list. In a trace or over HTTP the
 * wrapping is `{ "__overwrite__": value }` (seen in LangGraph 1.7.3; a test fails when that changes).
 */
export function unwrapUpdate(update: unknown): StateUpdate {
  if (update === null || typeof update !== "object") return {};
  return Object.fromEntries(Object.entries(update).map(([key, value]) => [key, unwrap(value)]));
}

const unwrap = (value: unknown): unknown =>
  isOverwrite(value) ? JSON.parse(JSON.stringify(value)).__overwrite__ : value;

/** `Overwrite.isInstance` without LangGraph, which a reader of traces need not load. */
const isOverwrite = (value: unknown): boolean =>
  typeof value === "object" &&
  value !== null &&
  ("__overwrite__" in value || (value as { lg_name?: unknown }).lg_name === "Overwrite");
