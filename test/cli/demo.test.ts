import { expect, test } from "vitest";
import { boardroom } from "./boardroom.ts";

test("the demo replays a recorded real run without weights, key or network, and says so", async () => {
  const { code, stdout, stderr } = await boardroom(["demo", "--json"], {
    PATH: "/nowhere",
    HF_ENDPOINT: "http://127.0.0.1:9",
  });
  expect(code, stderr).toBe(0);
  expect(stderr).toMatch(
    /^A replay of a real run: smollm2-135m-instruct, recorded \d{4}-\d\d-\d\d\. Nothing is computed or paid now\./,
  );
  expect(stderr).toContain("paid by nobody");
  const { answer, candidates, usage, experts } = JSON.parse(stdout);
  expect(answer).toMatch(/\S/);
  expect(experts).toHaveLength(3);
  expect(candidates.length).toBeGreaterThanOrEqual(3);
  // Replayed calls count against the budget and are reported as unpaid.
  expect(usage.unpaidTokens).toBe(usage.inputTokens + usage.outputTokens);
  expect(usage.unpaidTokens).toBeGreaterThan(1000);
});

test("a recording that is not there is a user's mistake", async () => {
  const { code, stderr } = await boardroom(["demo", "--cassette", "/nowhere.jsonl"]);
  expect({ code, stderr }).toEqual({
    code: 2,
    stderr: "boardroom: there is no recording at /nowhere.jsonl.\n",
  });
});
