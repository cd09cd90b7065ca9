import { readdirSync, statSync } from "node:fs";
import { join } from "node:path";
import type { Benchmark, Item } from "../../benchmarks/benchmark.ts";
import { type FetchOptions, Unfetchable } from "../../benchmarks/fetch.ts";
import { benchmarks as known } from "../../benchmarks/index.ts";
import { DataError } from "../../benchmarks/rows.ts";
import { BenchmarkIndex } from "./decontaminate.ts";
import type { Manifest } from "./manifest.ts";

/** Those whose test items nothing may be trained on. */
const guarded = known.filter(({ name }) => name !== "own");

/** Items that a benchmark has, where it is known; fewer were checked where a part of it was given. */
const sizes: Record<string, number> = {
  "gpqa-diamond": 198,
  commongen: 200,
  aime2024: 30,
  math500: 500,
  humaneval: 164,
  mbpp: 257,
};

export interface Guard {
  index: BenchmarkIndex;
  checked: Manifest["benchmarks"]["checked"];
  unchecked: Manifest["benchmarks"]["unchecked"];
}

/**
 * The items of all benchmarks: from the files of a folder that are named by them (`math500.jsonl`, `mbpp_sanitized.json`),
 * else from their canonical places. What cannot be had is named in `unchecked`. Throws DataError for a file that is not
 * understood.
 */
export async function guard(folder: string | undefined, fetching: FetchOptions = {}): Promise<Guard> {
  const index = new BenchmarkIndex();
  const local = folder === undefined ? [] : filesOf(folder);
  const checked: Guard["checked"] = [];
  const unchecked: Guard["unchecked"] = [];
  // At once: each may wait for a network that is not there.
  const loaded = await Promise.all(
    guarded.map(async ({ name, load }) => {
      const mine = local.filter((file) => plain(file).startsWith(plain(name.replace("-diamond", ""))));
      try {
        return {
          name,
          items: await itemsOf(
            load,
            mine.map((file) => join(folder!, file)),
            fetching,
          ),
          why: null,
        };
      } catch (error) {
        if (!(error instanceof Unfetchable)) throw error;
        return { name, items: [], why: reasonOf(error) };
      }
    }),
  );
  for (const { name, items, why } of loaded) {
    if (why !== null) {
      unchecked.push({ benchmark: name, why });
      continue;
    }
    for (const { id, task } of items) index.add(name, id, task);
    checked.push({ benchmark: name, items: items.length, whole: items.length >= sizes[name]! });
  }
  return { index, checked, unchecked };
}

/** From the files, else from the canonical place; throws Unfetchable where that cannot be had. */
async function itemsOf(load: Benchmark["load"], mine: string[], fetching: FetchOptions): Promise<Item[]> {
  if (mine.length === 0) return load(fetching);
  return (await Promise.all(mine.map((data) => load({ data })))).flat();
}

/** What stands before the advice on `--data` and `--limit`, which is eval's. */
const reasonOf = ({ message }: Error): string => message.replace(/; or give a file by .*$/, "");

const plain = (name: string): string => name.toLowerCase().replace(/[^a-z0-9]/g, "");

function filesOf(folder: string): string[] {
  try {
    if (!statSync(folder).isDirectory()) throw new DataError(`${folder} is not a folder.`);
  } catch (error) {
    if (error instanceof DataError) throw error;
    throw new DataError(`there is no folder ${folder}.`);
  }
  const files = readdirSync(folder).filter((file) => /\.(?:(?:jsonl?|csv)(?:\.gz)?|parquet)$/i.test(file));
  // Outputs of models are no items.
  return files.filter((file) => !/output|response|equiv|prediction/i.test(file)).sort();
}
