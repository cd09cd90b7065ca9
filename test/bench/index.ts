/** `npm run bench -- <name>`: figures as ratios of one run on this machine. Without a name it lists what there is. */
import { mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

const folder = new URL(".", import.meta.url);
const names = readdirSync(folder)
  .map((file) => file.replace(/\.ts$/, ""))
  .filter((name) => name !== "index");
const [name = ""] = process.argv.slice(2);

async function main(): Promise<number> {
  if (!names.includes(name)) {
    console.error(`npm run bench -- ${names.join(" | ")}`);
    return name ? 2 : 0;
  }
  // A user's threads, traces and catalog are left alone; llama needs the weights that are there.
  if (name !== "llama") {
    const home = mkdtempSync(join(tmpdir(), "boardroom-bench-"));
    process.env.BOARDROOM_HOME = home;
    process.once("exit", () => rmSync(home, { recursive: true, force: true }));
  }
  const bench: { default: () => Promise<void> } = await import(new URL(`${name}.ts`, folder).href);
  await bench.default();
  return 0;
}

main().then((code) => process.exit(code));
