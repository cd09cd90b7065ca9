import { join } from "node:path";
import { expect, test } from "vitest";
import { countTokens } from "../../datasets/curate/tokenizer.ts";
import { packageRoot } from "../../paths.ts";
import { promptHash, promptNames, promptText } from "../../prompts/index.ts";

test("prompts/tokens.json holds the length of every prompt (after an edit: vitest run test/prompts/tokens.test.ts -u)", async () => {
  const counts = promptNames.map((name) => [promptHash(promptText(name)), countTokens(promptText(name))]);
  const text = `${JSON.stringify(Object.fromEntries(counts), null, 2)}\n`;
  await expect(text).toMatchFileSnapshot(join(packageRoot, "prompts", "tokens.json"));
});
