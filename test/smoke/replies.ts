import { z } from "zod";
import type { DatasetRow } from "../../datasets/curate/row.ts";

/** What a server said to a prompt, in the fields that python/compare_replies.py reads. */
export interface ServedReply {
  messages: { role: string; content: string }[];
  reply: string;
  prompt_tokens: number;
  finish: string;
}

const Completion = z.object({
  choices: z
    .array(z.object({ message: z.object({ content: z.string() }), finish_reason: z.string() }))
    .min(1),
  usage: z.object({ prompt_tokens: z.number() }),
});

/** Longer than any reply that was learned. */
const MOST_TOKENS = 120;

/** Greedy replies of an OpenAI-compatible server to the solver's prompts of these rows. */
export async function repliesTo(
  rows: DatasetRow[],
  url: string,
  model: string,
  ask: (url: string, init: RequestInit) => Response | Promise<Response> = fetch,
): Promise<ServedReply[]> {
  const said: ServedReply[] = [];
  for (const row of rows) {
    const messages = row.problem_solver_messages.slice(0, -1);
    const response = await ask(`${url}/chat/completions`, {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify({ model, messages, temperature: 0, max_tokens: MOST_TOKENS }),
    });
    if (!response.ok) throw new Error(`${url} answered ${response.status}: ${await response.text()}`);
    const { choices, usage } = Completion.parse(await response.json());
    said.push({
      messages,
      reply: choices[0]!.message.content,
      prompt_tokens: usage.prompt_tokens,
      finish: choices[0]!.finish_reason,
    });
  }
  return said;
}

export const endedShare = (said: ServedReply[]): number =>
  said.filter(({ finish }) => finish === "stop").length / said.length;
