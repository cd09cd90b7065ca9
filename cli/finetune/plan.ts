import { existsSync } from "node:fs";
import { availableParallelism, totalmem } from "node:os";
import { type Command, InvalidArgumentError, Option } from "commander";
import { openDataset } from "../../datasets/curate/source.ts";
import { Unfetchable } from "../../datasets/fetch.ts";
import { exported } from "../../finetune/export/export.ts";
import { isExport, readManifest } from "../../finetune/export/manifest.ts";
import { trainerPins } from "../../finetune/files.ts";
import { type Place, places } from "../../finetune/launch/launcher.ts";
import { machinesFor } from "../../finetune/launch/machines.ts";
import { gpusAsked } from "../../finetune/plan/gpus.ts";
import { type Planned, planOf } from "../../finetune/plan/plan.ts";
import { publishedM500 } from "../../finetune/plan/published.ts";
import { planText } from "../../finetune/plan/text.ts";
import { type Recipe, recipe as recipeNamed } from "../../finetune/recipes/recipe.ts";
import { UsageError } from "../fail.ts";
import { Display } from "../progress.ts";
import { exportOptions, type FormOptions, formFlags, withForm } from "./form.ts";
import { counting, roleTable } from "./samples.ts";

interface Options extends FormOptions {
  data: string;
  recipe: string;
  on: Place;
  nodes: number;
  gpus?: { gpus: number; gpu?: string };
  set: string[];
  name?: string;
  json?: true;
}

export function addPlan(finetune: Command): void {
  const command = finetune
    .command("plan")
    .description("Print what a run would be: samples, memory, steps, time, cost, files. Touches nothing.")
    .requiredOption(
      "--data <where>",
      "A curated folder, a file of rows, a folder of finetune export, or m500.",
    )
    .requiredOption("--recipe <name>", "A recipe by name, or a .yaml file of your own.")
    .addOption(new Option("--on <where>", "Where it would train.").choices([...places]).default("local"))
    .option("--nodes <n>", "Machines.", count, 1)
    .option("--gpus <n x kind>", "GPUs of each machine, such as 8xA100-80GB (default: the recipe's).", named)
    .option("--set <key=value...>", "Arguments of the trainer set anew.", collected, [])
    .option("--name <run>", "The run's name.");
  withForm(command)
    .option("--json", "Print a JSON object.")
    .action(async (options: Options, given: Command) => {
      refuseIdle(options.data, given);
      const display = new Display();
      const recipe = recipeNamed(options.recipe, options.set);
      const { on, nodes } = options;
      const machines = machinesFor(recipe, { on, nodes, ...options.gpus });
      const { data, estimated } = await planned(options, recipe, display);
      const name = options.name ?? recipe.name;
      const plan = planOf({
        name,
        recipe,
        data,
        estimated,
        on,
        ...machines,
        pins: trainerPins,
        here: { cores: availableParallelism(), memory: totalmem() },
      });
      const table = data.byRole ? roleTable({ byRole: data.byRole, samples: data.samples }) : null;
      process.stdout.write(
        options.json
          ? `${JSON.stringify(plan, null, 2)}\n`
          : planText(plan, table, launchCommand(options, name)),
      );
    });
}

/** Of an export the form is settled: an option that says otherwise would be passed over. */
function refuseIdle(data: string, given: Command): void {
  if (!existsSync(data) || !isExport(data)) return;
  const idle = formFlags.find((name) => given.getOptionValueSource(name) === "cli");
  if (idle) throw new UsageError(`--${idle} comes too late: ${data} is exported already. Export it again.`);
}

/** What would be trained on: counted, or where M500 cannot be had guessed from what is published of it. */
async function planned(
  options: Options,
  recipe: Recipe,
  display: Display,
): Promise<{ data: Planned; estimated: boolean }> {
  const { data } = options;
  if (existsSync(data) && isExport(data)) return { data: readManifest(data), estimated: false };
  const form = exportOptions(options, recipe);
  try {
    const onProgress = (progress: { label: string; received: number; total: number }) =>
      display.fetching(progress);
    const dataset = await openDataset(data, { seed: options.seed, onProgress });
    const { manifest, notes } = await exported(dataset, { ...form, onRow: counting() });
    for (const note of notes) display.note(note);
    return { data: manifest, estimated: false };
  } catch (error) {
    if (!(error instanceof Unfetchable)) throw error;
    display.note(
      `${error.message} Until then (--data m500.jsonl) the plan is an ESTIMATE from M500's published size.`,
    );
    return { data: publishedM500(form.target), estimated: true };
  }
}

/** The command that launches what is planned. */
function launchCommand({ data, recipe, on, nodes, gpus, set }: Options, name: string): string {
  const words = [
    ...["--data", data, "--recipe", recipe, "--on", on, "--name", name],
    ...(nodes > 1 ? ["--nodes", `${nodes}`] : []),
    ...(gpus ? ["--gpus", `${gpus.gpus}`] : []),
    ...(gpus?.gpu ? ["--gpu", gpus.gpu] : []),
    ...set.flatMap((pair) => ["--set", pair]),
  ];
  return `boardroom finetune launch ${words.map(quoted).join(" ")}`;
}

const quoted = (word: string) => (/^[\w@%+=:,./-]+$/.test(word) ? word : `'${word.replace(/'/g, "'\\''")}'`);

const collected = (pair: string, before: string[]) => [...before, pair];

function count(text: string): number {
  const number = Number(text);
  if (text.trim() === "" || !Number.isSafeInteger(number))
    throw new InvalidArgumentError("a whole number is needed.");
  return number;
}

function named(text: string) {
  try {
    return gpusAsked(text);
  } catch (error) {
    throw new InvalidArgumentError((error as Error).message);
  }
}
