import { afterEach } from "vitest";
import { type SolveOptions, solve } from "../../runtime/solve.ts";
import type { Result } from "../../state/result.ts";
import type { Settings } from "../../state/settings.ts";
import {
  type Options,
  type Script,
  type ScriptedServer,
  type SeenRequest,
  scriptedServer,
} from "../scripted-server.ts";

const servers: ScriptedServer[] = [];
afterEach(async () => {
  await Promise.all(servers.splice(0).map((server) => server.close()));
});

/** Starts a server, closed after the test, and makes it the one that models are asked at. */
export async function serve(script: Script, options?: Options): Promise<ScriptedServer> {
  const server = await scriptedServer(script, options);
  servers.push(server);
  process.env.OPENAI_BASE_URL = server.url;
  return server;
}

export const question = "What is 6 times 7?";

export interface Ran {
  result: Result;
  server: ScriptedServer;
  requests: SeenRequest[];
  /** The nodes that asked, in order. */
  nodes: (string | null)[];
  /** What was done at each decision. */
  applied: Result["decisions"][number]["applied"][];
}

type Given = Omit<Partial<SolveOptions>, "settings"> & { settings?: Partial<Settings>; server?: Options };

/** Runs the common question on a server of its own. */
export async function run(
  script: Script,
  { settings, server: limits, ...options }: Given = {},
): Promise<Ran> {
  const server = await serve(script, limits);
  const result = await solve({
    mode: "ceo",
    task: { question, kind: "math" },
    ...options,
    settings: { model: "scripted", ...settings },
  });
  return {
    result,
    server,
    requests: server.requests,
    nodes: server.requests.map(({ node }) => node),
    applied: result.decisions.map(({ applied }) => applied),
  };
}

/** Tokens that the server counted, for requests that it answered. */
export const billed = (requests: readonly SeenRequest[]): number =>
  requests.reduce((sum, { usage }) => sum + (usage?.total_tokens ?? 0), 0);

export const spentTokens = ({ usage }: Result): number =>
  usage.inputTokens + usage.outputTokens + usage.unknownTokens;
