import { readFileSync } from "node:fs";
import { join } from "node:path";
import type { Command } from "commander";
import { z } from "zod";
import { packageRoot } from "../../paths.ts";
import { promptHash, promptNames, promptText } from "../../prompts/prompt-file.ts";
import { table } from "../table.ts";
import { writeStdout } from "../terminal.ts";

export function addPromptsList(prompts: Command): void {
  prompts
    .command("list")
    .description("The prompts, with node, hash, holes and length in tokens of Qwen2.5.")
    .option("--json", "Print the rows as JSON.")
    .action(async ({ json }: { json?: true }) => {
      const { promptHoles, promptNode } = await import("../../prompts/index.ts");
      const count = await counter();
      const rows = promptNames.map((name) => {
        const text = promptText(name);
        const hash = promptHash(text);
        const { required, optional } = promptHoles(name);
        return {
          prompt: name,
          node: promptNode(name),
          hash,
          tokens: count(text, hash),
          holes: required,
          optional,
        };
      });
      if (json) writeStdout(`${JSON.stringify(rows, null, 2)}\n`);
      else
        writeStdout(
          table(
            ["prompt", "node", "hash", "tokens", "holes (those in brackets may be left out)"],
            rows.map(({ prompt, node, hash, tokens, holes, optional }) => [
              prompt,
              node ?? "shared",
              hash,
              String(tokens),
              [...holes, ...optional.map((hole) => `[${hole}]`)].join(" "),
            ]),
          ),
        );
    });
}

/** Lengths of the prompts as they ship, by hash; a text that was edited is counted, which takes a second. */
async function counter(): Promise<(text: string, hash: string) => number> {
  const counts = z
    .record(z.string(), z.number())
    .parse(JSON.parse(readFileSync(join(packageRoot, "prompts", "tokens.json"), "utf8")));
  if (promptNames.every((name) => promptHash(promptText(name)) in counts)) return (_, hash) => counts[hash]!;
  const { countTokens } = await import("../../datasets/curate/tokenizer.ts");
  return countTokens;
}
