/**
 * A graph for the tests of threads: rounds of parallel speakers, each of which notes in a file that it ran.
 * As a program it runs one thread to its end, going on where the thread stands, and is there to be killed.
 */
import { appendFileSync } from "node:fs";
import { setTimeout as sleep } from "node:timers/promises";
import { END, Send, START, StateGraph } from "@langchain/langgraph";
import { withLangGraph } from "@langchain/langgraph/zod";
import { z } from "zod";
import { FileCheckpointer } from "../../runtime/file-checkpointer.ts";

const said = withLangGraph(z.array(z.string()), {
  default: (): string[] => [],
  reducer: { schema: z.array(z.string()), fn: (old: string[], fresh: string[]) => [...old, ...fresh] },
});
const round = withLangGraph(z.number(), { default: () => 0 });

export const SPEAKERS = 4;
/** Characters that a speaker of the program says. */
export const SAID = 500;

export interface Work {
  rounds: number;
  /** Characters that each speaker says. */
  length?: number;
  /** Called before a speaker answers; what it throws fails the speaker. */
  before?: (name: string) => void | Promise<void>;
}

export function fanOut({ rounds, length = 10, before = () => {} }: Work) {
  return new StateGraph({ state: z.object({ said, round }) })
    .addNode("chair", ({ round }) => ({ round: round + 1 }))
    .addNode("speak", async ({ name }: { name: string }) => {
      await before(name);
      return { said: [name.padEnd(length, ".")] };
    })
    .addEdge(START, "chair")
    .addConditionalEdges("chair", ({ round }) =>
      round > rounds
        ? END
        : Array.from({ length: SPEAKERS }, (_, i) => new Send("speak", { name: `${round}.${i}` })),
    )
    .addEdge("speak", "chair");
}

if (process.argv[1] === import.meta.filename) {
  const [folder, log, rounds, ...threads] = process.argv.slice(2) as [string, string, string, ...string[]];
  const before = async (name: string) => {
    await sleep(Math.random() * 4);
    appendFileSync(log, `${name}\n`);
  };
  const graph = fanOut({ rounds: Number(rounds), length: SAID, before }).compile({
    checkpointer: new FileCheckpointer(folder),
  });
  console.log("ready");
  await Promise.all(
    threads.map(async (thread) => {
      const config = {
        configurable: { thread_id: thread },
        recursionLimit: 1000,
        durability: "sync",
      } as const;
      const known = (await graph.getState(config)).createdAt !== undefined;
      await graph.invoke(known ? null : { said: [] }, config);
    }),
  );
  console.log("done");
}
