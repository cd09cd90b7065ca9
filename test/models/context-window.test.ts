import { describe, expect, it, test } from "vitest";
import { fitTranscript, transcriptRoom } from "../../models/context-window.ts";
import { truncate } from "../../models/truncate.ts";

const count = (text: string) => Math.ceil(text.length / 4);
const said = (round: number, name: string, length = 2000) => ({
  round,
  name,
  text: `${name} begins ${"and reasons ".repeat(length / 12)}and ends with ${name}.`,
});
const turn = [said(1, "draft"), said(1, "a"), said(1, "b"), said(2, "revision"), said(2, "c", 120)];
const whole = (cut: typeof turn) => cut.filter(({ text }) => !text.includes("[...]")).map(({ name }) => name);
const names = (cut: typeof turn) => cut.map(({ name }) => name);
const size = (parts: typeof turn) => parts.reduce((sum, { text }) => sum + count(text), 0);

describe("a transcript", () => {
  it("that fits is not touched", () => {
    expect(fitTranscript(turn, size(turn), count)).toEqual(turn);
  });

  it("that does not keeps its newest round whole and truncates older ones", () => {
    const cut = fitTranscript(turn, size(turn) - 1, count);
    expect(whole(cut)).toEqual(["revision", "c"]);
    expect(names(cut)).toEqual(names(turn));
    expect(cut[0]!.text).toMatch(/^draft begins .*\n\[\.\.\.\]\n.* and ends with draft\.$/s);
    expect(cut.map(({ round }) => round)).toEqual([1, 1, 1, 2, 2]);
  });

  it("keeps as many newer rounds whole as fit", () => {
    const three = [said(0, "old"), ...turn];
    expect(whole(fitTranscript(three, size(three) - 50, count))).toEqual(names(turn));
  });

  it("that is too long when truncated loses its oldest parts, never the newest round", () => {
    const room = size(turn.slice(3)) + 100;
    const cut = fitTranscript(turn, room, count);
    expect(names(cut)).toEqual(["b", "revision", "c"]);
    expect(size(cut)).toBeLessThanOrEqual(room);
    expect(names(fitTranscript(turn, 0, count))).toEqual(["revision", "c"]);
    expect(fitTranscript([], 0, count)).toEqual([]);
  });
});

test("a truncated text is its beginning and its end, and never longer", () => {
  const { text } = said(1, "draft");
  expect(truncate(text).length).toBeLessThan(400);
  for (const length of [0, 100, 480, 481]) {
    const short = "x".repeat(length);
    expect(truncate(short).length).toBeLessThanOrEqual(length);
  }
});

test.each([
  // 10,000 / 1.25 - 512 (300 in steps of 256) - 1,000
  ["a margin where the tokenizer is not known", "openai", 1000, Infinity, 6488],
  ["none where it is", "llama.cpp", 1000, Infinity, 8488],
  ["no more than a quarter for the reply", "llama.cpp", 9000, Infinity, 6988],
  ["half of the money, the rest of the prompt counted in", "llama.cpp", 1000, 4000, 1700],
  ["nothing", "openai", 1000, 100, 0],
] as const)("the room leaves %s", (_, provider, reply, money, room) =>
  expect(transcriptRoom({ context: 10_000, provider }, 300, reply, money)).toBe(room),
);
