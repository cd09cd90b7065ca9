import type { Command } from "commander";
import type { Client } from "langsmith";
import { type PromptName, promptHash, promptText } from "../../prompts/prompt-file.ts";
import { table } from "../table.ts";
import { writeStderr, writeStdout } from "../terminal.ts";
import { langsmith } from "../traces/trace-source.ts";
import { type HubPrompt, pullPrompt, pushPrompt } from "./hub.ts";
import { type Drift, driftOf, type Lock, readLock, writeLock } from "./lock.ts";
import { promptsNamed } from "./names.ts";

interface Flags {
  force?: true;
  json?: true;
}

/** What a prompt became of a push or a pull. `refused`: it would have overwritten an edit. */
type Outcome = "unchanged" | "pushed" | "pulled" | "left alone" | "refused";

interface Row {
  prompt: PromptName;
  drift: Drift;
  outcome?: Outcome;
  commit: string | null;
}

export function addPromptsPush(prompts: Command): void {
  const command = prompts
    .command("push")
    .description("Commit prompts to LangSmith's hub, and note the commits in prompts/lock.json.")
    .argument("[names...]", "prompts; default: all")
    .option("--force", "Also where the hub's was edited: that edit stays in its history alone.");
  synchronising(command, async (client, { name, drift, hub, force }) => {
    if (drift === "same") return { outcome: "unchanged", commit: hub!.commit };
    if (!force && drift.startsWith("edited in")) return { outcome: "refused" };
    return { outcome: "pushed", commit: await pushPrompt(client, name, promptText(name)) };
  });
}

export function addPromptsPull(prompts: Command): void {
  const command = prompts
    .command("pull")
    .description(
      "Write what was edited in LangSmith's hub into the prompt files; a text that cannot be used is refused.",
    )
    .argument("[names...]", "prompts; default: all")
    .option("--force", "Also over edits of the file.");
  synchronising(command, async (_, { name, drift, hub, force }) => {
    if (drift === "same") return { outcome: "unchanged", commit: hub!.commit };
    if (!hub || (drift === "edited here" && !force)) return { outcome: "left alone" };
    if (drift === "edited in both" && !force) return { outcome: "refused" };
    (await import("../../prompts/index.ts")).writePrompt(name, hub.text);
    return { outcome: "pulled", commit: hub.commit };
  });
}

export function addPromptsCheck(prompts: Command): void {
  prompts
    .command("check")
    .description("Say which prompts differ from LangSmith's hub; exit code 1 where one does.")
    .argument("[names...]", "prompts; default: all")
    .option("--json", "Print the rows as JSON.")
    .action(async (words: string[], { json }: Flags) => {
      const lock = readLock();
      const client = await langsmith();
      const rows: Row[] = [];
      for (const prompt of promptsNamed(words)) {
        const hub = await pullPrompt(client, prompt);
        rows.push({
          prompt,
          drift: driftOf(promptText(prompt), hub, lock[prompt]),
          commit: hub?.commit ?? null,
        });
      }
      print(rows, json);
      if (rows.some(({ drift }) => drift !== "same")) process.exitCode = 1;
    });
}

interface Standing {
  name: PromptName;
  drift: Drift;
  hub: HubPrompt | null;
  force: boolean;
}
type Step = (client: Client, standing: Standing) => Promise<{ outcome: Outcome; commit?: string }>;

/** Takes one step for each prompt; what is the same afterwards goes into the lock, prompt by prompt. */
function synchronising(command: Command, step: Step): void {
  command.option("--json", "Print the rows as JSON.").action(async (words: string[], flags: Flags) => {
    let lock: Lock = readLock();
    const client = await langsmith();
    const rows: Row[] = [];
    for (const name of promptsNamed(words)) {
      const hub = await pullPrompt(client, name);
      const drift = driftOf(promptText(name), hub, lock[name]);
      const { outcome, commit } = await step(client, { name, drift, hub, force: flags.force === true });
      rows.push({ prompt: name, drift, outcome, commit: commit ?? hub?.commit ?? null });
      if (commit === undefined) continue;
      lock = { ...lock, [name]: { hash: promptHash(promptText(name)), commit } };
      writeLock(lock);
    }
    print(rows, flags.json);
    if (rows.some(({ outcome }) => outcome === "refused")) {
      process.exitCode = 1;
      writeStderr(
        "boardroom: refused what would overwrite an edit: see `prompts diff`, then pull or push with --force.\n",
      );
    }
  });
}

function print(rows: readonly Row[], json: true | undefined): void {
  if (json) writeStdout(`${JSON.stringify(rows, null, 2)}\n`);
  else
    writeStdout(
      table(
        ["prompt", "state", "commit"],
        rows.map(({ prompt, drift, outcome, commit }) => [
          prompt,
          outcome ? `${outcome} (${drift})` : drift,
          commit?.slice(0, 8) ?? "",
        ]),
      ),
    );
}
