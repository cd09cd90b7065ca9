/**
 * What a trace holds and costs, mode by mode, where an utterance has 300 and 600 tokens: bytes for each byte that was said
 * (prompts and replies), bytes of a run of each kind by column, and what local tracing adds to the processor time of a model
 * call. The scripted server runs in a process of its own.
 */
import { fork } from "node:child_process";
import { once } from "node:events";
import { run } from "../../runtime/run.ts";
import { resultOfOutcome } from "../../runtime/solve.ts";
import type { Mode } from "../../state/run-info.ts";
import { modes } from "../../state/run-info.ts";
import { openTracing } from "../../tracing/index.ts";
import { openStore } from "../../tracing/local/store.ts";
import { board, scriptedServer, verbose } from "../scripted-server.ts";

const RUNS = { ceo: 8, team: 8, vote: 16, solo: 60 };
const columns = ["inputs", "outputs", "extra", "metadata", "events", "error", "tags"];
const bytes = (column: string) => `coalesce(length(CAST(${column} AS BLOB)), 0)`;

/** Runs a mode so many times, four at once; returns the model calls. */
async function runs(mode: Mode, callbacks: Awaited<ReturnType<typeof openTracing>>["callbacks"]) {
  const settings = { model: "m", budgetTokens: 400_000, maxExperts: 4, rounds: 2, samples: 8 };
  const task = { question: "What is six times seven?", kind: "math" as const };
  const one = async () => {
    const outcome = await run({ mode, task, settings, callbacks });
    return resultOfOutcome(outcome).usage.calls;
  };
  let calls = 0;
  for (let i = 0; i < RUNS[mode]; i += 4)
    for (const made of await Promise.all([one(), one(), one(), one()])) calls += made;
  return calls;
}

/** Milliseconds of this process's processors. */
const processorTime = () => {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1000;
};

async function costOf(mode: Mode, where: "off" | "local"): Promise<number> {
  const began = processorTime();
  const tracing = await openTracing(where, () => {});
  const calls = await runs(mode, tracing.callbacks);
  await tracing.end();
  return (processorTime() - began) / calls;
}

function sizes() {
  const store = openStore();
  const sum = columns.map(bytes).join(" + ");
  const row = (sql: string) => store.get<Record<string, number>>(`SELECT ${sql} FROM runs`)!;
  const prompt = (nth: number) => bytes(`inputs ->> '$.messages[0][${nth}].kwargs.content'`);
  const reply = bytes("outputs ->> '$.generations[0][0].message.kwargs.content'");
  const { said, traced } = row(
    `sum(CASE run_type WHEN 'llm' THEN ${prompt(0)} + ${prompt(1)} + ${reply} ELSE 0 END) AS said, sum(${sum}) AS traced`,
  );
  const kinds = store.all<Record<string, number | string>>(
    `SELECT run_type, CASE WHEN is_root THEN 'root' WHEN run_type = 'llm' THEN 'call' ELSE 'node' END AS kind,
      count(*) AS n, ${columns.map((name) => `cast(avg(${bytes(name)}) AS INTEGER) AS ${name}`).join(", ")}
     FROM runs GROUP BY 2`,
  );
  store.run("DELETE FROM runs");
  store.close();
  return { said: said!, traced: traced!, kinds };
}

export default async function traces(): Promise<void> {
  const server = fork(new URL(import.meta.url), {
    execArgv: process.execArgv,
    env: { ...process.env, BENCH_SERVER: "1" },
  });
  const [urls] = (await once(server, "message")) as [Record<string, string>];
  for (const talk of ["300", "600"]) {
    process.env.OPENAI_BASE_URL = urls[talk]!;
    for (const mode of modes) {
      await costOf(mode, "local"); // what is compiled and cached once is not counted
      sizes();
      const [off, local] = [await costOf(mode, "off"), await costOf(mode, "local")];
      const { said, traced, kinds } = sizes();
      const ratio = (traced / said).toFixed(2);
      const each = (sum: number) => `${(sum / RUNS[mode] / 1000).toFixed(0)} kB`;
      console.log(
        `${mode.padEnd(5)}${talk} tokens  ${each(said)} said, ${each(traced)} traced: ${ratio} bytes a byte; ` +
          `${off.toFixed(1)} ms a call without a trace, ${(local - off).toFixed(1)} ms more with one`,
      );
      if (mode === "ceo") console.table(kinds);
    }
  }
  server.kill();
}

if (process.env.BENCH_SERVER) {
  const script = (talk: number) => ({
    ...board({ experts: 4, rounds: 2, talk, agree: false, tokensPerTurn: 2000 }),
    critique: { agree: false, objections: verbose(talk / 3) },
  });
  const servers = await Promise.all([scriptedServer(script(300)), scriptedServer(script(600))]);
  process.send?.({ 300: servers[0]!.url, 600: servers[1]!.url });
}
