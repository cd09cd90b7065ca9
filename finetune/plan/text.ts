import { formatInteger } from "../../evals/summary/format.ts";
import { formatGib, type Plan } from "./plan.ts";

const rough = (value: number) => Number(value.toPrecision(2)).toLocaleString("en-US");

function duration(hours: number): string {
  if (hours < 1 / 60) return "less than a minute";
  if (hours < 1.5) return `${rough(hours * 60)} minutes`;
  return hours < 48 ? `${rough(hours)} hours` : `${rough(hours / 24)} days`;
}

/** The lines of a plan, as heading and text. */
function planLines(plan: Plan): [heading: string, text: string][] {
  const { data, recipe, memory, steps, effort, on, nodes, gpus, gpu } = plan;
  const { samples, lengths } = data;
  const lines: [string, string][] = [
    [
      "data",
      `${data.dataset.name}: ${formatInteger(data.dataset.rows)} rows on ${formatInteger(data.dataset.problems)} problems; ${formatInteger(samples.train)} samples to train on, ${formatInteger(samples.validation)} held out, ${formatInteger(samples.rejected)} rejected${reasons(data.rejects)}${plan.estimated ? " (ESTIMATED from the published size, not counted)" : ""}`,
    ],
    [
      "tokens",
      `${formatInteger(lengths.train.total)} an epoch${plan.estimated ? "" : `, ${formatInteger(lengths.target.total)} of them learned`}; median ${formatInteger(lengths.train.median)}, longest ${formatInteger(lengths.train.max)}, cutoff ${formatInteger(data.cutoff)}${plan.estimated ? " (ESTIMATED)" : ""}`,
    ],
    [
      "recipe",
      `${recipe.name}: ${recipe.description}; ${recipe.base}, ${(recipe.parameters / 1e9).toPrecision(3)} billion parameters, trained: ${recipe.trained}`,
    ],
    ["machines", machines(on, nodes, gpus, gpu?.name ?? null)],
    ["memory", memoryText(plan)],
  ];
  if (memory.host > 0)
    lines.push(["host RAM", `${formatGib(memory.host)} in each node, for what is offloaded`]);
  lines.push(
    [
      "steps",
      `${formatInteger(steps.total)}: ${formatInteger(samples.train)} samples / batch ${steps.batch} = ${formatInteger(steps.perEpoch)} an epoch, ${steps.epochs} epochs`,
    ],
    [
      "time",
      `roughly ${duration(effort.hours)}: ${effort.perToken} operations for each parameter and token, ${gpu ? `${effort.utilisation * 100} % of ${nodes * gpus} x ${gpu.tflops} TFLOP/s` : "50 GFLOP/s for each core"}`,
    ],
  );
  if (effort.usd !== null && gpu)
    lines.push(["cost", `roughly $${rough(effort.usd)} at $${gpu.usd} for a GPU and hour`]);
  lines.push(["disk", `${formatGib(plan.disk)} of checkpoints and weights`], ["gate", plan.gate]);
  return lines;
}

const reasons = (rejects: Record<string, number>): string => {
  const each = Object.entries(rejects).map(([reason, count]) => `${formatInteger(count)} ${reason}`);
  return each.length > 0 ? ` (${each.join(", ")})` : "";
};

function machines(on: string, nodes: number, gpus: number, gpu: string | null): string {
  if (gpu === null) return "the CPU of this machine";
  return `${nodes} node${nodes === 1 ? "" : "s"} with ${gpus} ${gpu}${gpus === 1 ? "" : " each"}, ${on}`;
}

/** Above this share a formula is no promise. */
const TIGHT = 0.9;

function memoryText({ memory, atCutoff, room, gpu, data }: Plan): string {
  const parts = (
    ["weights", "gradients", "optimizer", "gathered", "activations", "logits", "overhead"] as const
  )
    .filter((part) => memory[part] > 0)
    .map((part) => `${part} ${formatGib(memory[part])}`);
  const tight = memory.total > TIGHT * room ? ", which is tight" : "";
  const longest = memory.sequence < data.cutoff ? `; at the cutoff it would be ${formatGib(atCutoff)}` : "";
  return `${formatGib(memory.total)} of ${formatGib(room)}${gpu ? " on each GPU" : ""} for the longest sample${tight}: ${parts.join(", ")}${longest}`;
}

/** A plan for people: the lines, then every file and command as launching would write and run them. */
export function planText(plan: Plan, table: string | null, launch: string): string {
  const lines = planLines(plan).map(([heading, text]) => `${heading.padEnd(9)} ${text}\n`);
  const files = Object.entries(plan.files).map(([name, text]) => `\n--- ${name}\n${text}`);
  const commands = `\n--- commands\n${launch}\n${plan.commands.map((command) => `  which runs, in the folder of the run: ${command}\n`).join("")}`;
  return `${lines.join("")}${table ? `\n${table}` : ""}${files.join("")}${commands}`;
}
