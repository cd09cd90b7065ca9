import { execFile, spawnSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { availableParallelism, tmpdir } from "node:os";
import { join } from "node:path";
import { findPython } from "../../sandbox/cell.ts";
import { sandboxPool } from "../../sandbox/pool.ts";
import { humanEval } from "../../sandbox/programs.ts";

/** 40 items of our own in HumanEval's format, each with a correct solution. */
const items = Array.from(
  { length: 40 },
  (_, n): Parameters<typeof humanEval> => [
    {
      prompt: `from typing import List\n\n\ndef pick_${n}(xs: List[int]) -> List[int]:\n    """Items above ${n}, sorted."""\n`,
      entry_point: `pick_${n}`,
      test: `def check(candidate):\n    for size in range(12):\n        assert candidate(list(range(size * 5, 0, -1))) == list(range(${n} + 1, size * 5 + 1))\n    assert candidate([]) == []\n`,
    },
    `    return sorted(x for x in xs if x > ${n})\n`,
  ],
);

/** One program, bare against isolated; then 160 on every core, the reference's way against ours. */
export default async function sandboxBench(): Promise<void> {
  const python = await findPython();
  const pool = sandboxPool();
  const [probe] = await pool.probe();
  if (!probe?.usable) {
    console.log(`process: not usable here: ${probe?.why}`);
    return;
  }
  const folder = mkdtempSync(join(tmpdir(), "boardroom-bench-"));
  const scripts = items.map(
    ([item, code]) => `${item.prompt}${code}\n${item.test}\ncheck(${item.entry_point})\n`,
  );
  const files = scripts.map((script, n) => {
    const file = join(folder, `test${n}.py`);
    writeFileSync(file, script);
    return file;
  });

  const bare: number[] = [];
  const cell: number[] = [];
  for (const [n, [item, code]] of items.entries()) {
    bare.push(await timed(async () => void spawnSync(python, ["-I", "-S", files[n] as string])));
    cell.push(await timed(async () => mustPass(await pool.check(humanEval(item, code)))));
  }

  const four = [0, 1, 2, 3].flatMap(() => [...items.keys()]);
  const reference = await timed(() => inParallel(four, (n) => shell(`${python} ${files[n]}`)));
  const ours = await timed(async () => {
    const checks = four.map((n) => pool.check(humanEval(...(items[n] as (typeof items)[number]))));
    for (const outcome of await Promise.all(checks)) mustPass(outcome);
  });
  await pool.close();
  rmSync(folder, { recursive: true });

  const row = (what: string, base: number, isolated: number) =>
    console.log(
      `${what.padEnd(46)}${base.toFixed(1).padStart(9)}${isolated.toFixed(1).padStart(9)}${(isolated / base).toFixed(2).padStart(8)}`,
    );
  console.log(`${"".padEnd(46)}${"bare ms".padStart(9)}${"ours ms".padStart(9)}${"ratio".padStart(8)}`);
  row("one program, against python3 -I -S (median)", median(bare), median(cell));
  row(`160 programs on ${availableParallelism()} cores, against a shell`, reference, ours);
}

async function timed(task: () => Promise<unknown>): Promise<number> {
  const from = performance.now();
  await task();
  return performance.now() - from;
}

const median = (values: number[]): number => values.sort((a, b) => a - b)[values.length >> 1] ?? 0;

function mustPass({ verdict, detail }: { verdict: string; detail: string }) {
  if (verdict !== "passed") throw new Error(`${verdict}: ${detail}`);
}

/** The reference's way: a shell that runs a file, on the host; without the cost of a shim before the interpreter. */
const shell = (command: string) =>
  new Promise<void>((resolve, reject) => {
    execFile("/bin/sh", ["-c", command], (error) => (error ? reject(error) : resolve()));
  });

async function inParallel<T>(values: T[], task: (value: T) => Promise<void>): Promise<void> {
  const left = values.values();
  const worker = async () => {
    for (const value of left) await task(value);
  };
  await Promise.all(Array.from({ length: availableParallelism() }, worker));
}
