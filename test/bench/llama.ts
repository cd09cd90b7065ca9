import { pathToFileURL } from "node:url";
import { HumanMessage, SystemMessage } from "@langchain/core/messages";
import { ChatLlama } from "../../models/llama.ts";
import { smollm } from "../models/smollm.ts";

const OUTPUT = 64;

/** About `tokens` tokens of text that no other `seed` shares a beginning with. */
const passage = (seed: number, tokens: number): string =>
  Array.from({ length: tokens / 4 }, (_, at) => `case ${(seed * 7919 + at * 31) % 1000}`).join(", ");

async function seconds<T>(work: () => Promise<T>): Promise<[number, T]> {
  const began = performance.now();
  const value = await work();
  return [(performance.now() - began) / 1000, value];
}

/** Speed of the embedded model: reading, writing, what a shared beginning saves, and what calls at once save. */
export default async function llama(): Promise<void> {
  const path = await smollm();
  const [loading, model] = await seconds(() => ChatLlama.load({ path, name: "smollm2", contextSize: 8192 }));
  const ask = (system: string, question: string, maxTokens = 1) =>
    seconds(() =>
      model.invoke([new SystemMessage(system), new HumanMessage(question)], {
        maxTokens,
        temperature: 0.7,
        seed: 1,
      }),
    );
  const four = ["one", "two", "three", "four"];
  await ask("Warm up.", "Hello?");

  const long = passage(1, 1000);
  const [cold, first] = await ask(long, "What is the first case?");
  const [warm, second] = await ask(long, "And what is the last one of all?");
  const [writing, story] = await ask("You are brief.", "Tell me a long story.", OUTPUT);

  const sequential = await seconds(async () => {
    for (const who of four) await ask(passage(2, 200) + who, "Tell me a long story.", OUTPUT);
  });
  const parallel = await seconds(() =>
    Promise.all(four.map((who) => ask(passage(3, 200) + who, "Tell me a long story.", OUTPUT))),
  );
  const fanned = await seconds(() => Promise.all(four.map((who) => ask(passage(4, 1000), `Case ${who}?`))));

  const input = first.usage_metadata?.input_tokens ?? 0;
  console.table({
    "load (s)": round(loading),
    "read (tokens/s)": round(input / cold),
    "write (tokens/s)": round((story.usage_metadata?.output_tokens ?? 0) / writing),
    [`prompt of ${input} tokens, first call (s)`]: round(cold),
    [`again, ${second.usage_metadata?.input_token_details?.cache_read} remembered (s)`]: round(warm),
    "reuse factor": round(cold / warm),
    [`4 x ${OUTPUT} tokens, one after the other (s)`]: round(sequential[0]),
    [`4 x ${OUTPUT} tokens, at once (s)`]: round(parallel[0]),
    "4 at once with the same 1,000 token beginning (s)": round(fanned[0]),
    "their cached tokens": fanned[1]
      .map(([, reply]) => reply.usage_metadata?.input_token_details?.cache_read)
      .join(" "),
  });
}

const round = (value: number): number => Number(value.toPrecision(3));

if (import.meta.url === pathToFileURL(process.argv[1] ?? "").href) await llama();
