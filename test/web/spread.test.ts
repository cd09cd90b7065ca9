import { expect, test } from "vitest";
import { spread } from "../../web/report/spread.ts";

test("labels that would overlap move apart and keep their order", () => {
  expect(spread([0.62, 0.61, 0.2], 0.05).map((y) => y.toFixed(2))).toEqual(["0.66", "0.61", "0.20"]);
  expect(spread([0.97, 0.99, 0.98], 0.05).map((y) => y.toFixed(2))).toEqual(["0.90", "1.00", "0.95"]);
});
