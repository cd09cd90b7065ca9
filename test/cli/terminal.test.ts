import { Command } from "commander";
import { afterEach, expect, test, vi } from "vitest";
import { Display } from "../../cli/progress.ts";
import { table } from "../../cli/table.ts";
import {
  endStream,
  paint,
  terminalSafe,
  terminalStream,
  writePainted,
  writeStderr,
  writeStdout,
} from "../../cli/terminal.ts";
import type { State } from "../../state/state.ts";
import { fakeKeys } from "../keys.ts";

const attacks: [name: string, text: string][] = [
  ["a colour", "\u001b[31mred\u001b[0m"],
  ["hidden text", "\u001b[8mhidden\u001b[28m"],
  ["a cleared screen", "\u001b[2J\u001b[H"],
  ["the line above", "\u001b[1A\u001b[2Kfine"],
  ["a title", "\u001b]0;title\u0007"],
  ["a title, ended by ST", "\u001b]2;title\u001b\\"],
  ["a title that does not end", "\u001b]0;title"],
  ["the clipboard", "\u001b]52;c;ZXZpbA==\u0007"],
  ["a link", "\u001b]8;;https://evil.example\u0007click\u001b]8;;\u0007"],
  ["a picture", "\u001b]1337;File=inline=1:AAAA\u0007"],
  ["a device control string", '\u001bP$q"p\u001b\\'],
  ["a question to the terminal", "\u001b[6n\u001b[c"],
  ["a reset", "\u001bc"],
  ["another charset", "\u001b(0\u000e"],
  ["C1's CSI", "\u009b31mred"],
  ["C1's OSC", "\u009d0;title\u009c"],
  ["C1's DCS", "\u0090q\u009c"],
  ["next line, C1", "a\u0085b"],
  ["a carriage return", "safe\rboardroom: evil"],
  ["backspaces", "evil\b\b\b\bfine"],
  ["a bell", "\u0007"],
  ["a vertical tab and a form feed", "\u000b\u000c"],
  ["null and delete", "a\u0000b\u007fc"],
  ["text turned around", "abc\u202efed\u202c"],
  ["isolates", "\u2066a\u2067b\u2068c\u2069"],
  ["directional marks", "\u200ea\u200fb\u061c"],
  ["embeddings", "\u202aa\u202bb\u202dc"],
  ["line and paragraph separators", "a\u2028b\u2029c"],
  ["tags that are not seen", "a\u{e0041}\u{e007f}b"],
  ["spaces and joiners of no width", "a\u200bb\u2060c\ufeffd"],
  ["hyphens, vowels and letters that are not seen", "a\u00adb\u180ec\u3164d\u115fe"],
  ["selectors that carry bytes", "a\u{e0100}\u{e01ef}b"],
  ["annotations", "a\ufff9b\ufffac\ufffbd"],
  ["an escape in an escape", "\u001b\u001b[31m[31mred"],
  ["an escape made by taking one out", "\u001b\u0000[31mred"],
  ["a half of a pair before an escape", "\ud800\u001b[31m"],
];
const commands =
  /(?![\n\t])[\p{Cc}\p{Bidi_Control}\u200b\u2060\ufeff\u00ad\u180e\u3164\u115f\ufff9-\ufffb\u2028\u2029\u{e0000}-\u{e01ef}]/u;

test("marks heaped on one letter are cut short", { tags: ["attack:terminal"] }, () => {
  expect(terminalSafe(`a${"\u0301".repeat(2000)}b`)).toBe(`a${"\u0301".repeat(8)}b`);
});

test("letters of many scripts, marks and emoji stay as they are", () => {
  const honest = "👩‍👩‍👧 ❤️ می‌خواهم é ệ क्षि ที่";
  expect(terminalSafe(honest)).toBe(honest);
});

const terminal = (values: { stdout?: boolean; stderr?: boolean; columns?: number }) => {
  const before = {
    stdout: Object.getOwnPropertyDescriptor(process.stdout, "isTTY"),
    stderr: Object.getOwnPropertyDescriptor(process.stderr, "isTTY"),
    columns: Object.getOwnPropertyDescriptor(process.stderr, "columns"),
  };
  const set = (stream: object, key: string, value: unknown) =>
    Object.defineProperty(stream, key, { value, configurable: true, writable: true });
  set(process.stdout, "isTTY", values.stdout ?? false);
  set(process.stderr, "isTTY", values.stderr ?? false);
  set(process.stderr, "columns", values.columns ?? 80);
  const back = (stream: object, key: string, was?: PropertyDescriptor) =>
    was ? Object.defineProperty(stream, key, was) : Reflect.deleteProperty(stream, key);
  undo.push(() => {
    back(process.stdout, "isTTY", before.stdout);
    back(process.stderr, "isTTY", before.stderr);
    back(process.stderr, "columns", before.columns);
  });
};
const undo: (() => void)[] = [];
afterEach(() => {
  for (const back of undo.splice(0)) back();
  vi.restoreAllMocks();
  vi.unstubAllEnvs();
});

function captured(stream: "stdout" | "stderr"): () => string {
  let said = "";
  vi.spyOn(process[stream], "write").mockImplementation((text) => {
    said += text;
    return true;
  });
  return () => said;
}

test.each(attacks)("%s commands no terminal", { tags: ["attack:terminal"] }, (_, attack) => {
  terminal({ stdout: true, stderr: true });
  vi.stubEnv("CI", "");
  vi.stubEnv("TERM", "xterm");
  const [out, err] = [captured("stdout"), captured("stderr")];
  const text = `before ${attack} after`;
  expect(terminalSafe(text)).not.toMatch(commands);
  expect(terminalSafe(text)).toMatch(/^before .*after$/s);
  writeStdout(text);
  writeStderr(text);
  for (const row of table(
    ["name", "n"],
    [
      [attack, "1"],
      [`two\nlines ${attack}`, "2"],
    ],
  )
    .trimEnd()
    .split("\n"))
    expect(row).not.toMatch(commands);
  expect(
    table(["name"], [[`a\nb ${attack}`]])
      .trimEnd()
      .split("\n"),
  ).toHaveLength(2);
  expect(out() + err()).not.toMatch(commands);
});

test.each(attacks)("%s in what another program prints", { tags: ["attack:terminal"] }, async (_, attack) => {
  const bytes = Buffer.from(`before ${attack} after\n`);
  const print = async (stdout: boolean): Promise<string> => {
    terminal({ stdout });
    const chunks: Buffer[] = [];
    vi.spyOn(process.stdout, "write").mockImplementation((chunk, ...rest) => {
      chunks.push(Buffer.from(chunk));
      const done = rest.at(-1);
      if (typeof done === "function") done();
      return true;
    });
    const stream = terminalStream(process.stdout);
    for (const byte of bytes) stream.write(Buffer.of(byte)); // cut anywhere
    await endStream(stream);
    return Buffer.concat(chunks).toString();
  };
  expect(await print(true)).not.toMatch(commands);
  expect(await print(false)).toBe(bytes.toString());
});

test.each(attacks)(
  "%s in what experts say is taken out before styling",
  { tags: ["attack:terminal"] },
  (_, attack) => {
    terminal({ stderr: true });
    vi.stubEnv("CI", "");
    vi.stubEnv("TERM", "dumb"); // no spinner and no style: what is left can only be data's
    const err = captured("stderr");
    const display = new Display();
    const said = { expert: `Ada${attack}`, text: attack, answer: attack, error: attack };
    display.note(attack);
    display.fetching({ label: attack, received: 1, total: 2 });
    display.event({
      type: "update",
      node: "recruit",
      update: {
        experts: [{ name: attack, expertise: attack }],
        decisions: [{ applied: { action: "finish" }, reason: attack }],
        transcript: [
          { ...said, kind: "draft" },
          { ...said, kind: "critique", agree: false },
          { ...said, abstained: "error" },
        ],
        candidates: [{ check: { detail: attack }, verdict: { accepted: false, advice: attack } }],
      } as unknown as Partial<State>,
    });
    expect(err()).toContain("Ada");
    expect(err()).not.toMatch(commands);
  },
);

test("our own styles are all that passes", () => {
  terminal({ stderr: true });
  vi.stubEnv("CI", "");
  vi.stubEnv("TERM", "xterm");
  vi.stubEnv("NO_COLOR", "");
  vi.stubEnv("FORCE_COLOR", "1");
  const err = captured("stderr");
  writePainted(`${paint("red", "a\u001b[2J\u001b[32mb")} c\u001b[2J`);
  expect(err()).toBe("\u001b[31mab\u001b[39m c");
});

test("ordinary writing of all kinds stays", () => {
  for (const text of ["a\tb\nc", "naïve 数学 Ω ∑ → 👩‍🔬 e\u0301", "עברית العربية", "x² ≤ 3·10⁻⁵"])
    expect(terminalSafe(text)).toBe(text);
});

test("stdout for programs is as it is, a log holds no key", () => {
  terminal({});
  const [out, err] = [captured("stdout"), captured("stderr")];
  writeStdout("\u001b[31m");
  expect(out()).toBe("\u001b[31m");
  for (const [, key] of fakeKeys) writeStderr(`${key}\n`);
  expect(err()).toBe("[key]\n".repeat(fakeKeys.length));
});

test("a terminal of 0 columns is written line by line", () => {
  terminal({ stderr: true, columns: 0 });
  vi.stubEnv("CI", "");
  vi.stubEnv("TERM", "xterm");
  const err = captured("stderr");
  const display = new Display();
  for (let i = 0; i < 100; i++) display.event({ type: "token", node: "solve", expert: "Ada", text: "word" });
  display.fetching({ label: "model", received: 1, total: 2 });
  display.note("a line");
  display.stop();
  expect(err()).toBe("model: 0 of 0 MB\na line\n");
});

test("commander's own sentences are made safe", async () => {
  const { programFor } = await import("../../cli/program.ts");
  const err = captured("stderr");
  const words = ["sol\u001b]0;x\u0007ve"];
  const program = await programFor(words);
  expect(program).toBeInstanceOf(Command);
  await expect(program.parseAsync(words, { from: "user" })).rejects.toThrow();
  expect(err()).toContain("unknown command");
  expect(err()).not.toMatch(commands);
});
