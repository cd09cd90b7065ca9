import { expect, test } from "vitest";
import { soak } from "./soak.ts";

test("of discussions on a server of odd replies and lying usage, some killed, some on full disks, every ledger adds up", async () => {
  const seed = Math.floor(Math.random() * 2 ** 31);
  const { wrong, threads, requests } = await soak(15, seed);
  expect(wrong, `seed ${seed}`).toEqual([]);
  expect(threads).toBeGreaterThan(0);
  expect(requests).toBeGreaterThan(0);
}, 240_000);
