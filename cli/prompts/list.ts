import type { Command } from "commander";
import { promptHash, promptHoles, promptNames, promptNode, promptText } from "../../prompts/index.ts";
import { table } from "../table.ts";
import { writeStdout } from "../terminal.ts";

export function addPromptsList(prompts: Command): void {
  prompts
    .command("list")
    .description("The prompts, with node, hash, holes and length in tokens of Qwen2.5.")
    .option("--json", "Print the rows as JSON.")
    .action(async ({ json }: { json?: true }) => {
      const { countTokens } = await import("../../datasets/curate/tokenizer.ts");
      const rows = promptNames.map((name) => {
        const text = promptText(name);
        const { required, optional } = promptHoles(name);
        return {
          prompt: name,
          node: promptNode(name),
          hash: promptHash(text),
          tokens: countTokens(text),
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
