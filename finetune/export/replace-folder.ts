import { randomUUID } from "node:crypto";
import { existsSync, readdirSync, statSync } from "node:fs";
import { rename, rm } from "node:fs/promises";
import { basename, dirname, join, resolve } from "node:path";
import { DataError } from "../../benchmarks/rows.ts";
import { makeFolder } from "../../paths.ts";
import { isExport } from "./manifest.ts";

/** Refuses a place that holds something else than an earlier export; throws DataError. */
export function refuseOccupied(out: string): void {
  if (!existsSync(out)) return;
  if (!statSync(out).isDirectory())
    throw new DataError(`${out} is a file: choose another folder with --out.`);
  if (readdirSync(out).length > 0 && !isExport(out))
    throw new DataError(`${out} holds other files: choose another folder with --out.`);
}

/** Fills a folder beside `out`, which takes its place when `fill` is done; nothing is left where it throws. */
export async function replaceFolder<T>(out: string, fill: (folder: string) => Promise<T>): Promise<T> {
  refuseOccupied(out);
  const place = resolve(out);
  const part = join(dirname(place), `.${basename(place)}.${randomUUID().slice(0, 8)}.part`);
  try {
    makeFolder(part);
    const result = await fill(part);
    const old = `${part}.old`;
    if (existsSync(place)) await rename(place, old);
    await rename(part, place);
    await rm(old, { recursive: true, force: true });
    return result;
  } finally {
    await rm(part, { recursive: true, force: true });
  }
}
