import { type Command, InvalidArgumentError, Option } from "commander";
import { launch, trainerAt } from "../../finetune/launch/launch.ts";
import { type Place, places } from "../../finetune/launch/launcher.ts";
import { exporter, rentedPins, trainerWith } from "../../finetune/launch/tools.ts";
import { Display } from "../progress.ts";
import { interruptible } from "../solve.ts";
import { watch } from "./follow.ts";

interface Options {
  data: string;
  recipe: string;
  on: Place;
  name?: string;
  nodes: number;
  gpus?: number;
  gpu?: string;
  set: string[];
  time?: string;
  port?: number;
  trainer?: string;
  resume: boolean;
  detach: boolean;
}

export function addLaunch(group: Command): void {
  group
    .command("launch")
    .description(
      "Train: writes the run's folder, starts it and prints its name. The same command resumes a run that was killed.",
    )
    .requiredOption(
      "--data <path>",
      "A curated dataset, a folder of finetune export, a file of rows, or m500.",
    )
    .requiredOption("--recipe <name>", "A recipe by name, or a .yaml file of your own.")
    .addOption(new Option("--on <where>", "Where it trains.").choices([...places]).default("local"))
    .option("--name <run>", "The run's name; left out: recipe and a hash of all that decides the training.")
    .option("--nodes <n>", "Machines.", count, 1)
    .option("--gpus <n>", "GPUs of each machine; left out: as the recipe says.", count)
    .option("--gpu <kind>", "Their kind, as SkyPilot names it; left out: as the recipe says.")
    .option("--set <key=value>", "An argument of the trainer set anew (again for more).", collected, [])
    .option("--time <limit>", "The longest a Slurm job may take, as sbatch reads it (24:00:00).")
    .option("--port <n>", "Where torchrun's processes meet (29500).", count)
    .option("--resume", "Go on with a run that is there; start none.", false)
    .option("--detach", "Do not follow it on the terminal.", false)
    .addOption(
      new Option(
        "--trainer <path>",
        "A llamafactory-cli of your own, instead of the one that is installed.",
      ).env("BOARDROOM_TRAINER"),
    )
    .action(async (options: Options) => {
      process.exitCode = await run(options);
    });
}

const collected = (value: string, before: string[]) => [...before, value];

function count(text: string): number {
  const number = Number(text);
  if (!Number.isSafeInteger(number) || text.trim() === "")
    throw new InvalidArgumentError("a whole number is needed.");
  return number;
}

async function run({ trainer, detach, ...ask }: Options): Promise<number> {
  const own = trainer === undefined ? null : trainerAt(trainer);
  const display = new Display();
  const { signal } = interruptible(display);
  const ready = trainerWith({ say: (line) => display.note(line), signal });
  const { run, outcome } = await launch(ask, {
    exporter,
    trainer: own ? async () => own : ready,
    pins: rentedPins(),
  });
  process.stdout.write(`${run}\n`);
  const told = {
    started: "is being trained",
    resumed: "goes on from its last checkpoint, where it has one",
    alive: "is being trained already, and was not started again",
    done: "has finished already",
  }[outcome];
  process.stderr.write(`${run} ${told}: boardroom finetune follow ${run}\n`);
  const watched =
    ask.on === "local" && outcome !== "done" && !detach && process.stdout.isTTY && process.stderr.isTTY;
  return watched ? watch(run) : 0;
}
