import { type Command, InvalidArgumentError, Option } from "commander";
import { type ModelNode, modelNodes } from "../../state/settings.ts";
import { stepOf } from "../../tracing/graph-run.ts";
import { promptOf } from "../../tracing/model-call.ts";
import { UsageError } from "../fail.ts";
import { integerAtLeast } from "../numbers.ts";
import { writeStdout } from "../terminal.ts";
import { runNamed, withCloudOption } from "../traces/trace-source.ts";

interface Flags {
  thread: string;
  step?: number;
  json?: true;
  cloud?: true;
}

const asNode = (word: string): ModelNode => {
  const node = modelNodes.find((known) => known === word);
  if (!node) throw new InvalidArgumentError(`Nodes that call a model are ${modelNodes.join(", ")}.`);
  return node;
};

export function addPromptsRender(prompts: Command): void {
  const command = prompts
    .command("render")
    .description("Exactly what a node sent to its model, from the trace of a run.")
    .argument("<node>", modelNodes.join(", "), asNode)
    .requiredOption("--thread <id>", "the run's thread or trace, or the beginning of one")
    .addOption(
      new Option(
        "--step <n>",
        "The step of the graph, as candidates and calls name it; default: every one.",
      ).argParser(integerAtLeast(0)),
    )
    .option("--json", "Print the requests as JSON.");
  withCloudOption(command).action(async (node: ModelNode, flags: Flags) => {
    const sent = await requestsOf(node, flags);
    if (flags.json) writeStdout(`${JSON.stringify(sent, null, 2)}\n`);
    else for (const request of sent) writeStdout(shown(request));
  });
}

interface SentRequest {
  node: string;
  step: number;
  /** The prompt and the hash of its templates. */
  prompt: string;
  hash: string;
  messages: { role: string; content: string }[];
}

async function requestsOf(node: ModelNode, { thread, step, ...flags }: Flags): Promise<SentRequest[]> {
  const { graphRun } = await runNamed(thread, flags);
  if (!graphRun) throw new UsageError(`the trace of ${thread} holds no run of a graph of ours.`);
  const ran = graphRun.nodes.filter(({ run, calls }) => run.name === node && calls.length > 0);
  const found = ran.filter(({ run }) => step === undefined || stepOf(run) === step);
  if (found.length === 0) {
    const steps = [...new Set(ran.map(({ run }) => stepOf(run)))].join(", ");
    const where = step === undefined ? "" : ` at step ${step}`;
    throw new UsageError(
      `${node} called no model${where} in ${thread}${steps ? `; it did at ${steps}` : ""}.`,
    );
  }
  return found.flatMap(({ run, calls }) =>
    calls.map((call) => ({
      node,
      step: stepOf(run),
      prompt: String(call.metadata?.boardroom_prompt ?? node),
      hash: String(call.metadata?.boardroom_prompt_hash ?? ""),
      messages: promptOf(call) ?? [],
    })),
  );
}

const shown = ({ step, prompt, hash, messages }: SentRequest): string =>
  [
    `# step ${step}  ${prompt}  ${hash}`,
    ...messages.map(({ role, content }) => `## ${role}\n${content}`),
    "",
  ].join("\n\n");
