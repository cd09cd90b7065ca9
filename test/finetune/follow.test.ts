import { appendFileSync, mkdtempSync, renameSync, truncateSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { lossChart } from "../../finetune/follow/chart.ts";
import { GrowingFile } from "../../finetune/follow/growing-file.ts";
import { lastOutput } from "../../finetune/follow/last-output.ts";
import { parseLogLine, secondsOf } from "../../finetune/follow/log-line.ts";
import { plotLines } from "../../finetune/follow/plot.ts";
import { nextProgress, noProgress, type Progress, secondsLeft } from "../../finetune/follow/progress.ts";
import { ticks } from "../../finetune/follow/ticks.ts";
import { trainingWarnings } from "../../finetune/follow/training-warnings.ts";

const folder = mkdtempSync(join(tmpdir(), "boardroom-follow-"));
let files = 0;
const newFile = () => join(folder, `${files++}.jsonl`);

describe("a growing file", () => {
  test("gives whole lines only, even where a letter is cut in two", () => {
    const file = newFile();
    const tail = new GrowingFile(file);
    expect(tail.read()).toEqual({ lines: [], replaced: false });
    const bytes = Buffer.from('{"a":"ä"}\n{"b":1}\n');
    writeFileSync(file, bytes.subarray(0, 7)); // within the ä
    expect(tail.read().lines).toEqual([]);
    appendFileSync(file, bytes.subarray(7, 14));
    expect(tail.read().lines).toEqual(['{"a":"ä"}']);
    appendFileSync(file, bytes.subarray(14));
    expect(tail.read()).toEqual({ lines: ['{"b":1}'], replaced: false });
    expect(tail.read()).toEqual({ lines: [], replaced: false });
  });

  test("is read anew where it was cut or replaced", () => {
    const file = newFile();
    const tail = new GrowingFile(file);
    writeFileSync(file, "one\ntwo\n");
    tail.read();
    truncateSync(file, 0);
    appendFileSync(file, "x\n");
    expect(tail.read()).toEqual({ lines: ["x"], replaced: true });
    writeFileSync(`${file}.new`, "longer than before\n");
    renameSync(`${file}.new`, file);
    expect(tail.read()).toEqual({ lines: ["longer than before"], replaced: true });
  });
});

describe("a line of trainer_log.jsonl", () => {
  test("may hold what Python calls JSON", () => {
    expect(parseLogLine('{"current_steps": 3, "total_steps": 9, "loss": NaN, "lr": 1e-05}')?.loss).toBeNaN();
    expect(parseLogLine('{"current_steps": 3, "total_steps": 9, "loss": -Infinity}')?.loss).toBe(-Infinity);
  });

  test("may stand behind what a killed trainer left of its last one", () => {
    const line = parseLogLine('{"current_steps": 7, "tot{"current_steps": 6, "total_steps": 9, "loss": 1.5}');
    expect(line).toMatchObject({ current_steps: 6, loss: 1.5 });
    expect(parseLogLine('{"current_steps": 7, "tot')).toBeNull();
    expect(parseLogLine("")).toBeNull();
  });

  test.each([
    ["0:00:07", 7],
    ["1:02:03", 3723],
    ["1 day, 0:00:01", 86_401],
    ["12 days, 23:00:00", 12 * 86_400 + 23 * 3600],
    ["soon", null],
    [undefined, null],
  ])("says its elapsed time as %s", (text, seconds) => expect(secondsOf(text)).toBe(seconds));
});

type Given = [step: number, elapsed: string, loss?: number, evalLoss?: number];
const run = (lines: Given[], total = 20): Progress =>
  lines.reduce(
    (progress, [step, elapsed_time, loss, eval_loss]) =>
      nextProgress(progress, {
        ...{ current_steps: step, total_steps: total, elapsed_time },
        ...(loss !== undefined && { loss }),
        ...(eval_loss !== undefined && { eval_loss }),
      }),
    noProgress,
  );

describe("progress", () => {
  test("several starts: what was lost at a kill is dropped, and time is reckoned from the newest start", () => {
    const progress = run([
      ...[1, 2, 3, 4, 5, 6, 7, 8].map((step): Given => [step, `0:0${step}:00`, 10 - step]),
      [6, "0:00:10", 3.5], // resumed from checkpoint-5
      [7, "0:00:20", 2.5],
      [6, "0:00:10", 3.4], // and again
      [7, "0:00:20", 2.4],
      [8, "0:00:30", 1.4],
    ]);
    expect(progress).toMatchObject({ step: 8, restarts: 2, summed: false });
    expect(progress.loss.map(({ step }) => step)).toEqual([1, 2, 3, 4, 5, 6, 7, 8]);
    expect(progress.loss.at(-1)?.value).toBe(1.4);
    expect(secondsLeft(progress)).toBe(120);
  });

  test("a start that resumes just where the last one was killed shows by its clock", () => {
    expect(
      run([
        [5, "0:05:00", 1],
        [6, "0:00:10", 1],
      ]),
    ).toMatchObject({ restarts: 1, step: 6 });
  });

  test("an eval loss at the step of a loss is no restart, and the summary at the end has neither", () => {
    const progress = run([
      [19, "0:00:01", 1],
      [20, "0:00:02", 0.9],
      [20, "0:00:03", undefined, 1.1],
      [20, "0:00:04"],
    ]);
    expect(progress).toMatchObject({ restarts: 0, summed: true, step: 20 });
    expect(progress.evalLoss).toEqual([{ step: 20, value: 1.1 }]);
    expect(secondsLeft(progress)).toBe(0);
  });

  test("no time left is named before there are two steps", () =>
    expect(secondsLeft(run([[1, "0:00:05", 1]]))).toBeNull());
});

describe("trouble", () => {
  const of = (...losses: number[]) =>
    trainingWarnings(run(losses.map((loss, i): Given => [i + 1, "0:00:01", loss])));
  test.each<[string, number[], RegExp | null]>([
    ["a falling loss", [3, 2, 1.5, 1.2, 1.1, 1, 0.9, 0.8], null],
    ["one bad batch", [3, 2, 1, 9, 1, 0.9, 0.8, 0.7], null],
    ["four high losses", [1, 4, 4, 4, 4], null],
    [
      "five high losses",
      [1, 4, 4, 4, 4, 4],
      /diverges: the last 5 logged losses are all above 3 times .* it is 4 at step 6 and was 1 at step 1/,
    ],
    ["noise near zero, learned by heart", [0.5, 0.001, 0.02, 0.03, 0.02, 0.04, 0.02], null],
    ["NaN", [1, 0.9, Number.NaN, Number.NaN], /the loss is NaN since step 3/],
    ["infinity", [1, Number.POSITIVE_INFINITY], /the loss is infinite since step 2/],
    ["a NaN shown as 0", [1, 0.9, 0, 0], /fell from 0.9 to exactly 0 at step 3: so the trainer shows a NaN/],
    ["a loss that came down to 0", [1, 0.04, 0, 0], null],
  ])("%s", (_, losses, said) => {
    if (said === null) expect(of(...losses)).toEqual([]);
    else expect(of(...losses).join("\n")).toMatch(said);
  });

  test("the eval loss counts too", () =>
    expect(
      trainingWarnings(
        run([
          [1, "0:00:01", 1],
          [1, "0:00:02", undefined, Number.NaN],
        ]),
      ),
    ).toHaveLength(1));
});

test("the plot goes down where the loss does, and marks the eval loss", () => {
  const progress = run([
    [1, "0:00:01", 4],
    [10, "0:00:02", 2],
    [20, "0:00:03", 1],
    [20, "0:00:04", undefined, 3],
  ]);
  const lines = plotLines(progress.loss, progress.evalLoss, { width: 20, height: 4 });
  expect(lines).toHaveLength(5);
  expect(lines[0]).toMatch(/^ {2}4\.00 ┤[\u2801-\u28ff]/);
  expect(lines[1]).toMatch(/o$/);
  expect(lines[3]).toMatch(/^ {2}1\.00 ┤ .*[\u2801-\u28ff]$/);
  expect(lines[4]).toContain("step 1 to 20");
  expect(plotLines(progress.loss.slice(0, 1), [], { width: 20, height: 4 })).toEqual([]);
});

test("the picture holds both curves, no NaN, and a name as text", () => {
  const svg = lossChart(
    "<run>",
    run([
      [1, "0:00:01", 2],
      [2, "0:00:02", Number.NaN],
      [3, "0:00:03", 1],
      [3, "0:00:03", undefined, 1.5],
    ]),
  );
  expect(svg).toContain("&lt;run&gt;");
  expect(svg).not.toContain("NaN");
  expect(svg.match(/<polyline[^>]+points="([^"]*)"/)?.[1]?.split(" ")).toHaveLength(2);
  expect(svg).toContain("step 3: 1.5");
});

test("the trainer's last words begin at its traceback, without what its progress bar overwrote", () => {
  const file = newFile();
  writeFileSync(
    file,
    "loading\n 1%|\r 2%|\r 3%|\nTraceback (most recent call last):\n  File x\nValueError: bad\n\n",
  );
  expect(lastOutput(file)).toEqual(["Traceback (most recent call last):", "  File x", "ValueError: bad"]);
  writeFileSync(file, "one\n 1%|\r 9%|\n");
  expect(lastOutput(file)).toEqual(["one", " 9%|"]);
  expect(lastOutput(join(folder, "none"))).toEqual([]);
});

test.each([
  [16_000, [0, 5000, 10_000, 15_000]],
  [1, [0, 0.5, 1]],
  [900, [0, 500]],
  [40, [0, 10, 20, 30, 40]],
])("ticks up to %d are round", (max, expected) => {
  expect(ticks(max)).toEqual(expected);
});
