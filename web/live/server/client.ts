import { Client } from "@langchain/langgraph-sdk/client";
import type { State } from "../../../state/state.ts";

/** The dev server that served this page. */
export const client = new Client<Partial<State>>({ apiUrl: location.origin });

/** What a route of our own answers. Throws with the server's words. */
export async function fetchJson<Body>(path: string, body?: unknown): Promise<Body> {
  const sent = {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify(body),
  };
  const reply = await fetch(path, body === undefined ? {} : sent);
  if (!reply.ok) throw new Error(`${path}: ${reply.status} ${await reply.text()}`);
  return (await reply.json()) as Body;
}
