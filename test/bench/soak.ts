/**
 * `npm run bench -- soak [--seconds N] [--seed N]`: five minutes of discussions on a server of odd replies and lying usage,
 * with processes killed and disks full. Prints what was done, and what did not hold; then it exits 1.
 */
import { parseArgs } from "node:util";
import { soak } from "../soak/soak.ts";

export default async function main(): Promise<void> {
  const { values } = parseArgs({
    args: process.argv.slice(3),
    options: { seconds: { type: "string", default: "300" }, seed: { type: "string" } },
  });
  const seed = Number(values.seed ?? Math.floor(Math.random() * 2 ** 31));
  console.log(`seed ${seed}`);
  const { wrong, ...figures } = await soak(Number(values.seconds), seed);
  for (const [name, figure] of Object.entries(figures)) console.log(`${name.padEnd(12)}${figure}`);
  for (const what of wrong) console.log(`WRONG ${what}`);
  if (wrong.length > 0) process.exit(1);
}
