import { afterEach } from "vitest";
import { app } from "../../cli/serve/app.ts";
import { listen } from "../../cli/serve/listen.ts";
import { Runs } from "../../cli/serve/runs.ts";
import { freePort } from "../free-port.ts";
import { type Options, type Script, type ScriptedServer, scriptedServer } from "../scripted-server.ts";

export interface ServedTeam {
  /** Of OpenAI's API: ends in /v1. */
  url: string;
  port: number;
  /** What the team asks. */
  model: ScriptedServer;
  runs: Runs;
  /** What was logged. */
  log: string[];
  /** Sends a chat completion. */
  ask(body: object, init?: RequestInit): Promise<Response>;
}

const closing: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const close of closing.splice(0).reverse()) await close();
});

/** The team as a model, on loopback, its experts played by a scripted server; both end with the test. */
export async function servedTeam(
  script: Script,
  options: Partial<Parameters<typeof app>[0]> & { limits?: Options } = {},
): Promise<ServedTeam> {
  const { limits, ...given } = options;
  const model = await scriptedServer(script, limits);
  process.env.OPENAI_BASE_URL = model.url;
  const port = await freePort();
  const runs = options.runs ?? new Runs(64);
  const log: string[] = [];
  const served = app({
    ...{ callbacks: [], runs, keepAliveMs: 15_000, key: null, loopbackPort: port },
    say: (line) => log.push(line),
    ...given,
    settings: { model: "scripted", budgetTokens: 20_000, ...options.settings },
  });
  const { close } = await listen(served.fetch, "127.0.0.1", port);
  closing.push(
    () => model.close(),
    close,
    () => runs.stop(),
  );
  const url = `http://127.0.0.1:${port}/v1`;
  return {
    ...{ url, port, model, runs, log },
    ask: (body, init) =>
      fetch(`${url}/chat/completions`, { method: "POST", body: JSON.stringify(body), ...init }),
  };
}

/** What a reply may hold. */
interface Body {
  id: string;
  error: { message: string; type: string; param: string | null; code: string | null };
  choices: { finish_reason: string; message: { content: string; reasoning_content: string } }[];
  usage: { total_tokens: number };
  boardroom: { status: string; answer: string | null; over_budget?: string };
}

export const bodyOf = async (reply: Response): Promise<Body> => (await reply.json()) as Body;

export const question = "What is 6 times 7?";
export const asked = (more: object = {}) => ({
  model: "boardroom-ceo",
  messages: [{ role: "user", content: question }],
  ...more,
});

/** Waits until something holds, for at most five seconds. */
export async function until(holds: () => boolean): Promise<void> {
  const end = Date.now() + 5_000;
  while (!holds()) {
    if (Date.now() > end) throw new Error("it did not come to hold within 5 seconds");
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
}
