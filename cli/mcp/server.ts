import { Server } from "@modelcontextprotocol/sdk/server/index.js";
import {
  CallToolRequestSchema,
  type CallToolResult,
  ErrorCode,
  ListToolsRequestSchema,
  McpError,
} from "@modelcontextprotocol/sdk/types.js";
import { stream } from "../../index.ts";
import type { SolveOptions } from "../../runtime/solve.ts";
import type { TeamEvent } from "../../runtime/team-event.ts";
import { redact, redactJson } from "../../secrets.ts";
import type { Mode } from "../../state/run-info.ts";
import type { Settings } from "../../state/settings.ts";
import { apiErrorOf } from "../serve/api-error.ts";
import { eventWords } from "./event-words.ts";
import { type Arguments, argumentsIn, contentOf, solveTool } from "./solve-tool.ts";

interface Team {
  version: string;
  settings: Partial<Settings>;
  /** Where a call names none. */
  mode: Mode;
  callbacks: SolveOptions["callbacks"];
  /** Opens the models, once; rejects where they cannot be used. */
  ready: () => Promise<unknown>;
  /** Ends all runs. */
  signal: AbortSignal;
  say: (line: string) => void;
}

/**
 * A server of the one tool `solve`. What goes wrong in a run is told as the tool's error, without keys. `idle` waits until the
 * runs that go on have ended.
 */
export function mcpServer(team: Team): { server: Server; idle: () => Promise<unknown> } {
  const running = new Set<Promise<CallToolResult>>();
  const server = new Server(
    { name: "boardroom", title: "Boardroom", version: team.version },
    { capabilities: { tools: {} } },
  );
  server.setRequestHandler(ListToolsRequestSchema, () => ({ tools: [solveTool] }));
  server.setRequestHandler(CallToolRequestSchema, async ({ params }, { signal, sendNotification }) => {
    if (params.name !== solveTool.name)
      throw new McpError(ErrorCode.InvalidParams, `there is no tool ${params.name}, only solve.`);
    const call = argumentsIn(params.arguments);
    if (typeof call === "string") return failed(call);
    const progressToken = params._meta?.progressToken;
    let progress = 0;
    const tell = async (event: TeamEvent) => {
      if (progressToken === undefined) return;
      const message = redact(eventWords(event));
      const params = { progressToken, progress: ++progress, message };
      await sendNotification({ method: "notifications/progress", params });
    };
    const run = solveCall(team, call, AbortSignal.any([signal, team.signal]), tell);
    running.add(run);
    try {
      return await run;
    } catch (error) {
      const { message, status, cause } = apiErrorOf(error, "budget_tokens");
      if (status === 500) team.say(redact(String(cause ?? message)));
      return failed(message);
    } finally {
      running.delete(run);
    }
  });
  return { server, idle: () => Promise.allSettled(running) };
}

const failed = (text: string): CallToolResult => ({ content: [{ type: "text", text }], isError: true });

async function solveCall(
  { settings, mode: usual, callbacks, ready }: Team,
  { mode = usual, budget_tokens, ...task }: Arguments,
  signal: AbortSignal,
  tell: (event: TeamEvent) => Promise<void>,
): Promise<CallToolResult> {
  await ready();
  const given = { ...settings, ...(budget_tokens !== undefined && { budgetTokens: budget_tokens }) };
  const events = stream({ mode, task, settings: given, signal, callbacks });
  for (;;) {
    const step = await events.next();
    if (step.done) return contentOf(redactJson(step.value));
    await tell(step.value);
  }
}
