import { expect, test } from "vitest";
import { streamedWords } from "../../web/live/run/streamed-words.ts";

test.each([
  ["plain words", "plain words"],
  ['say "a: b"', 'say "a: b"'],
  ["{", ""],
  ['{"agree": false, "objec', ""],
  ['{"agree": false, "objections": "The draft', "The draft"],
  ['{"agree": false, "objections": "It says \\"4 steps\\"\\nbut', 'It says "4 steps"\nbut'],
  ['{"objections": "a cut escape \\', "a cut escape "],
  ['{"objections": "caf\\u00e9 is said, na\\u00', "café is said, na"],
  ['{"action": "recruit", "reason": "One is enough.", "direction": ""}', "One is enough."],
  ['{"experts": [{"name": "Ada L.", "expertise": "knots and links"}]}', "Ada L.\nknots and links"],
])("of %j a reader sees %j", (text, words) => {
  expect(streamedWords(text)).toBe(words);
});
