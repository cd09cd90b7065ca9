import fc from "fast-check";
import { expect, test } from "vitest";
import { type Change, changed, changeOf, type Json } from "../../files/json-change.ts";

const json = fc.jsonValue({ maxDepth: 4 }).map((value) => value as Json);

test("a change, written down and read, turns one value into the other", () => {
  fc.assert(
    fc.property(json, json, (before, after) => {
      const change = changeOf(before, after);
      const read: Change = JSON.parse(JSON.stringify(change ?? {}));
      expect(changed(before, read)).toEqual(JSON.parse(JSON.stringify(after)));
    }),
    { numRuns: 2000 },
  );
});

test("a list that grew is told by its new items, and those by what differs from the one before", () => {
  const call = { id: "a", node: "solve", tokens: 5 };
  expect(
    changeOf(
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
  expect(changeOf([call], [call])).toBeUndefined();
});

test("what does not fit is refused", () => {
  expect(() => changed([], { at: [[3, { is: 1 }]] })).toThrow(TypeError);
  expect(() => changed("text", { set: { a: 1 } })).toThrow(TypeError);
  expect(() => changed(undefined, { gone: ["a"] })).toThrow(TypeError);
});
