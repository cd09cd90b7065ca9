import type { Command } from "commander";
import {
  apiKey,
  catalog,
  endpointOf,
  isLocal,
  type ModelEntry,
  modelEntry,
  userCatalog,
} from "../models/catalog.ts";
import { weightsAvailability } from "../models/weights.ts";
import { redact } from "../secrets.ts";
import { UsageError } from "./fail.ts";
import { singleLine } from "./table.ts";
import { writeStderr, writeStdout } from "./terminal.ts";

interface Row {
  name: string;
  where: string;
  context: number;
  /** Tokens of a run that names no budget. */
  budget: number;
  /** Dollars per million tokens. */
  price: ModelEntry["price"];
  available: boolean;
  /** Why not, or what is to be known. */
  note: string;
}

export function addModels(program: Command): void {
  program
    .command("models")
    .description("List the models that are known by name, and which of them can be used here.")
    .option("--check <name>", "Ask the server of a model what it can, and print an entry for models.yaml.")
    .option("--json", "Print a JSON array; with --check, an object.")
    .action(async ({ json, check }) => {
      if (check !== undefined) return checkServer(check, json === true);
      const rows = await Promise.all(catalog().map(row));
      writeStdout(json ? `${JSON.stringify(rows, null, 2)}\n` : table(rows));
      if (!json)
        writeStderr(
          `\nAny other name is a model of OPENAI_BASE_URL, a path of a .gguf file an embedded one. Add entries in ${userCatalog()}.\n`,
        );
    });
}

/** One small request of each kind. What was found is said on stderr as it is found. */
async function checkServer(name: string, json: boolean): Promise<void> {
  const entry = modelEntry(name);
  if (entry.provider === "llama.cpp")
    throw new UsageError(`${name} runs in this process: --check asks the servers of models.`);
  apiKey(entry); // throws where it is missing
  const [{ checkModel }, { catalogYaml, enteredFields }] = await Promise.all([
    import("../models/check/check-model.ts"),
    import("../models/check/catalog-yaml.ts"),
  ]);
  writeStderr(`${name} at ${endpointOf(entry)}\n`);
  const check = await checkModel(name, (line) => writeStderr(`  ${line}\n`));
  const shown = { ...check, entry: { ...enteredFields(check.entry), baseURL: check.endpoint } };
  writeStdout(redact(json ? `${JSON.stringify(shown, null, 2)}\n` : catalogYaml(check)));
  if (!json) writeStderr(`\nPaste it into ${userCatalog()}.\n`);
}

async function row(entry: ModelEntry): Promise<Row> {
  const { name, context, budgetTokens: budget, price } = entry;
  const known = { name, where: endpointOf(entry), context, budget, price };
  if (entry.provider === "llama.cpp") {
    const found = await weightsAvailability(entry.weights ?? entry.name);
    const origin = entry.tuned?.recipe ? `, tuned from ${entry.tuned.base} by run ${entry.tuned.run}` : "";
    const note = found.status === "ready" ? `ready${origin}` : found.note;
    return { ...known, where: "embedded", available: found.status !== "unavailable", note };
  }
  try {
    const key = apiKey(entry);
    return {
      ...known,
      ...(key || !isLocal(known.where) ? { available: true, note: "key set" } : await answering(known.where)),
    };
  } catch {
    const missing = entry.selfHosted && !process.env.OPENAI_BASE_URL ? "OPENAI_BASE_URL" : entry.apiKeyEnv;
    const where = entry.selfHosted ? "a server of your own" : known.where;
    return { ...known, where, available: false, note: `${missing} is not set` };
  }
}

const probes = new Map<string, Promise<{ available: boolean; note: string }>>();

/** Whether a server of one's own answers; asked once for all its models. */
function answering(endpoint: string) {
  const ask = async () => {
    try {
      await fetch(`${endpoint}/models`, { signal: AbortSignal.timeout(1500) });
      return { available: true, note: "local server answers" };
    } catch {
      return { available: false, note: "local server does not answer" };
    }
  };
  if (!probes.has(endpoint)) probes.set(endpoint, ask());
  return probes.get(endpoint)!;
}

function table(rows: Row[]): string {
  const cells = rows.map(({ name, where, context, budget, price, available, note }) =>
    [
      available ? "yes" : "no",
      name,
      where,
      context.toLocaleString("en-US"),
      budget.toLocaleString("en-US"),
      price.input || price.output ? `$${price.input} / $${price.output}` : "-",
      note,
    ].map(singleLine),
  );
  const head = ["usable", "name", "where", "context", "budget", "$ in / out", "note"];
  const widths = head.map((title, i) => Math.max(title.length, ...cells.map((line) => line[i]!.length)));
  const line = (parts: string[]) =>
    parts
      .map((part, i) => part.padEnd(widths[i]!))
      .join("  ")
      .trimEnd();
  return `${[head, ...cells].map(line).join("\n")}\n`;
}
