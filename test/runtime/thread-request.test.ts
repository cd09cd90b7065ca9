import { readdirSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { beforeEach, expect, test } from "vitest";
import { DamagedFile } from "../../files/file-errors.ts";
import { NoThread, threadFolder } from "../../runtime/thread-id.ts";
import {
  readRequest,
  readRequestIfBegun,
  type ThreadRequest,
  writeRequest,
} from "../../runtime/thread-request.ts";

const asked: ThreadRequest = { run: "r1", mode: "solo", task: { question: "Why?" }, settings: { rounds: 2 } };
let thread: string;
let number = 0;
beforeEach(() => {
  thread = `asked-${number++}`;
  writeRequest(thread, asked);
});
const write = (name: string, text: string) => writeFileSync(join(threadFolder(thread), name), text);

test("what was asked is read again, and a thread that is not there is named", () => {
  expect(readRequest(thread)).toEqual(asked);
  expect(readdirSync(threadFolder(thread))).toEqual(["run.json"]);
  expect(readRequestIfBegun("nobody")).toBeNull();
  expect(() => readRequest("nobody")).toThrow(NoThread);
});

test.each<[string, () => void, RegExp]>([
  ["empty", () => write("run.json", ""), /run\.json is empty: put back a copy of it, or ask again/],
  ["cut", () => write("run.json", '{"mode":"so'), /run\.json was cut, or is no JSON/],
  [
    "of settings that there are not",
    () => write("run.json", JSON.stringify({ ...asked, settings: { rounds: "many" } })),
    /run\.json does not say how a thread was asked/,
  ],
  ["foreign", () => write("run.json", '{"some":1}'), /run\.json does not say how a thread was asked/],
  [
    "gone, and the thread has begun",
    () => {
      rmSync(join(threadFolder(thread), "run.json"));
      write("checkpoints.jsonl", "");
    },
    /run\.json is missing, though the thread has begun/,
  ],
  [
    "there, and the checkpoints are gone though calls were paid",
    () => write("spend-1.jsonl", ""),
    /checkpoints\.jsonl is missing, though calls were made/,
  ],
])("a run.json that is %s is named", (_, damage, message) => {
  damage();
  expect(() => readRequest(thread)).toThrow(DamagedFile);
  expect(() => readRequest(thread)).toThrow(message);
});
