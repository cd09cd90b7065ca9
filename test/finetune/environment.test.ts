import { chmodSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { ensureEnvironment, plannedEnvironment } from "../../finetune/environment.ts";

const path = process.env.PATH;
let bin: string;
let log: string;

/** A `python3` that writes down what it is asked, makes venvs whose Python is itself, and answers as `cases` say. */
function standIn(cases = ""): void {
  const python = join(bin, "python3");
  writeFileSync(
    python,
    `#!/bin/sh
echo "$@" >> ${log}
case "$*" in
${cases}
*"import sys, venv"*) echo 11 ;;
*"-m venv"*) /bin/mkdir -p "$3/bin" && /bin/ln -s ${python} "$3/bin/python" ;;
*purelib*) echo ${join(bin, "site")} ;;
*"pip install"*) echo "Collecting torch==2.13.0 (from -r x)"; echo "Successfully installed torch" ;;
esac
`,
  );
  chmodSync(python, 0o755);
}

const asked = (): string[] => (existsSync(log) ? readFileSync(log, "utf8").trim().split("\n") : []);

beforeEach(() => {
  process.env.BOARDROOM_HOME = mkdtempSync(join(tmpdir(), "boardroom-environment-"));
  bin = join(process.env.BOARDROOM_HOME, "bin");
  mkdirSync(join(bin, "site"), { recursive: true });
  log = join(bin, "asked");
  process.env.PATH = bin;
});
afterEach(() => {
  process.env.PATH = path;
});

test("is made once, by venv and pip from pinned requirements, with a stub for what is only imported", async () => {
  standIn();
  const said: string[] = [];
  const environment = await ensureEnvironment({ say: (line) => said.push(line) });
  expect(environment).toEqual(plannedEnvironment());
  expect(asked().filter((line) => /pip install|-m venv/.test(line))).toEqual([
    `-m venv ${plannedEnvironment().folder}`,
    expect.stringMatching(/pip install .*-r .*requirements\.txt$/),
    expect.stringMatching(/pip install .*--no-deps -r .*requirements-nodeps\.txt$/),
  ]);
  expect(readFileSync(join(bin, "site", "torchaudio", "__init__.py"), "utf8")).toMatch(
    /Stands in for torchaudio/,
  );
  expect(said).toContain("pip: collecting torch==2.13.0");
  const before = asked().length;
  await ensureEnvironment();
  expect(asked().length).toBe(before);
});

test("what pip could not bring is said by its last line, and the next call goes on from there", async () => {
  standIn('*"pip install"*nodeps*) echo "ERROR: no matching distribution" >&2; exit 1 ;;');
  await expect(ensureEnvironment()).rejects.toThrow(
    /^the trainer's environment cannot be made: pip ended with ERROR: no matching distribution$/,
  );
  rmSync(log);
  standIn();
  await ensureEnvironment();
  expect(asked().some((line) => line.startsWith("-m venv"))).toBe(false);
  const before = asked().length;
  await ensureEnvironment();
  expect(asked().length).toBe(before);
});

test("an environment in which the trainer cannot be imported does not stay", async () => {
  standIn('*"import llamafactory"*) echo "ImportError: torch is broken" >&2; exit 1 ;;');
  await expect(ensureEnvironment()).rejects.toThrow(/the trainer ended with ImportError: torch is broken$/);
  expect(existsSync(plannedEnvironment().folder)).toBe(false);
});

test("extras of a recipe are pinned, compiled against the torch that is there, and make another environment", async () => {
  standIn();
  const extras = ["liger-kernel", "deepspeed"];
  expect(plannedEnvironment(extras).folder).not.toBe(plannedEnvironment().folder);
  await ensureEnvironment({ extras });
  expect(asked().find((line) => line.includes("--no-build-isolation"))).toMatch(
    /deepspeed==[\d.]+ liger-kernel==[\d.]+$/,
  );
});

test.each([
  ["", /Python 3\.11 or newer, and there is no python3 on the PATH\.$/],
  ['*"import sys, venv"*) echo 9 ;;', /Python 3\.11 or newer: python3 is 3\.9;/],
  ['*"import sys, venv"*) exit 1 ;;', /with venv and pip: python3 lacks them/],
])("a Python that will not do is one sentence (%s)", async (cases, sentence) => {
  if (cases) standIn(cases);
  await expect(ensureEnvironment()).rejects.toThrow(sentence);
  expect(existsSync(plannedEnvironment().folder)).toBe(false);
});
