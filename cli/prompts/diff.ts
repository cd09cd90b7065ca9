import { readFileSync } from "node:fs";
import type { Command } from "commander";
import { createTwoFilesPatch } from "diff";
import { promptText } from "../../prompts/prompt-file.ts";
import { writeStdout } from "../terminal.ts";
import { langsmith } from "../traces/trace-source.ts";
import { hubName, pullPrompt } from "./hub.ts";
import { promptNamed, promptsNamed } from "./names.ts";

export function addPromptsDiff(prompts: Command): void {
  prompts
    .command("diff")
    .description("How prompt files differ from LangSmith's hub, or one of them from another file.")
    .argument("[names...]", "prompts; default: all")
    .option("--with <file>", "Compare with this text instead of the hub's.")
    .action(async (words: string[], { with: other }: { with?: string }) => {
      if (other !== undefined) {
        const name = promptNamed(words[0] ?? "");
        writeDiff(`prompts/${name}.md`, promptText(name), other, textOf(other));
        return;
      }
      const client = await langsmith();
      for (const name of promptsNamed(words)) {
        const hub = await pullPrompt(client, name);
        if (hub)
          writeDiff(
            `hub ${hubName(name)}:${hub.commit.slice(0, 8)}`,
            hub.text,
            `prompts/${name}.md`,
            promptText(name),
          );
        else writeStdout(`${name} is not in the hub\n`);
      }
    });
}

/** A prompt's text in a file; front matter, as our own files have it, is no part of it. */
export const textOf = (file: string): string =>
  readFileSync(file, "utf8").replace(/^---\n[\s\S]*?\n---\n\n?/, "");

function writeDiff(oldName: string, oldText: string, newName: string, newText: string): void {
  if (oldText !== newText) writeStdout(createTwoFilesPatch(oldName, newName, oldText, newText));
}
