import fc from "fast-check";
import { expect, test } from "vitest";
import { applyJsonDiff, type Json, type JsonDiff, jsonDiff } from "../../files/json-diff.ts";

const json = fc.jsonValue({ maxDepth: 4 }).map((value) => value as Json);

test("a change, written down and read, turns one value into the other", () => {
  fc.assert(
    fc.property(json, json, (before, after) => {
      const change = jsonDiff(before, after);
      const read: JsonDiff = JSON.parse(JSON.stringify(change ?? {}));
      expect(applyJsonDiff(before, read)).toEqual(JSON.parse(JSON.stringify(after)));
    }),
    { numRuns: 2000 },
  );
});

test("a list that grew is told by its new items, and those by what differs from the one before", () => {
  const call = { id: "a", node: "solve", tokens: 5 };
  expect(
    jsonDiff(
      [call],
      [
        { ...call, tokens: 6 },
        { ...call, id: "b", tokens: 6 },
      ],
    ),
  ).toEqual({
    at: [
      [0, { set: { tokens: 6 } }],
      [1, { set: { id: "b" } }],
    ],
  });
  expect(jsonDiff([call], [call])).toBeUndefined();
});

test("what does not fit is refused", () => {
  expect(() => applyJsonDiff([], { at: [[3, { is: 1 }]] })).toThrow(TypeError);
  expect(() => applyJsonDiff("text", { set: { a: 1 } })).toThrow(TypeError);
  expect(() => applyJsonDiff(undefined, { gone: ["a"] })).toThrow(TypeError);
});
