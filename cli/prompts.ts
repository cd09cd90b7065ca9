import { type AddCommand, addCommands, type CommandTable } from "./command-table.ts";

const commands: CommandTable = {
  list: ["The prompts.", async () => (await import("./prompts/list.ts")).addPromptsList],
  render: [
    "What a node sent to its model.",
    async () => (await import("./prompts/render.ts")).addPromptsRender,
  ],
  diff: [
    "How prompts differ from LangSmith's hub.",
    async () => (await import("./prompts/diff.ts")).addPromptsDiff,
  ],
  push: [
    "Commit prompts to LangSmith's hub.",
    async () => (await import("./prompts/sync.ts")).addPromptsPush,
  ],
  pull: [
    "Take prompts from LangSmith's hub.",
    async () => (await import("./prompts/sync.ts")).addPromptsPull,
  ],
  check: [
    "Say which prompts differ from LangSmith's hub.",
    async () => (await import("./prompts/sync.ts")).addPromptsCheck,
  ],
  try: ["Whether an edit helps.", async () => (await import("./prompts/try.ts")).addPromptsTry],
};

/** `boardroom prompts …`: one small file for each sub-command. */
export const addPrompts: AddCommand = (program, words) =>
  addCommands(
    program
      .command("prompts")
      .description(
        "The prompts of the nodes: what they say, what was sent, LangSmith's hub, and whether an edit helps.",
      ),
    commands,
    words,
  );
