/** `npm run bench -- <name>`: figures as ratios of one run on this machine. Without a name it lists what there is. */
import { readdirSync } from "node:fs";

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
  const bench: { default: () => Promise<void> } = await import(new URL(`${name}.ts`, folder).href);
  await bench.default();
  return 0;
}

main().then((code) => process.exit(code));
