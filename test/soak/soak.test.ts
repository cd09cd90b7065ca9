import { expect, test } from "vitest";
import { soak } from "./soak.ts";

test("20 seconds of kills, full disks, lying usage and odd replies: every ledger adds up, and nothing is left behind", {
  tags: ["attack:money"],
  timeout: 240_000,
}, async () => {
  const report = await soak(20, Math.floor(Math.random() * 2 ** 31));
  console.log(JSON.stringify(report));
  expect(report.wrong).toEqual([]);
  expect(report.requests).toBeGreaterThan(10);
  expect(report.kills).toBeGreaterThan(0);
});
