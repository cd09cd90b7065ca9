import type { Command } from "commander";
import { addPromptsDiff } from "./prompts/diff.ts";
import { addPromptsList } from "./prompts/list.ts";
import { addPromptsRender } from "./prompts/render.ts";
import { addPromptsCheck, addPromptsPull, addPromptsPush } from "./prompts/sync.ts";
import { addPromptsTry } from "./prompts/try.ts";

/** `boardroom prompts …`: one small file for each sub-command. */
export function addPrompts(program: Command): void {
  const prompts = program
    .command("prompts")
    .description(
      "The prompts of the nodes: what they say, what was sent, LangSmith's hub, and whether an edit helps.",
    );
  for (const add of [
    addPromptsList,
    addPromptsRender,
    addPromptsDiff,
    addPromptsPush,
    addPromptsPull,
    addPromptsCheck,
    addPromptsTry,
  ])
    add(prompts);
}
