import { Client } from "@langchain/langgraph-sdk/client";
import type { State } from "../../../state/state.ts";

/** The dev server that served this page. */
export const client = new Client<Partial<State>>({ apiUrl: location.origin });

/** What a route of our own answers. Throws with the server's words, where it has some. */
export async function fetchJson<Body>(path: string, body?: unknown): Promise<Body> {
  const sent = {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify(body),
  };
  const reply = await fetch(path, body === undefined ? {} : sent);
  if (reply.ok) return (await reply.json()) as Body;
  const { detail } = (await reply.json().catch(() => ({}))) as { detail?: unknown };
  throw new Error(typeof detail === "string" ? detail : `${path}: ${reply.status}`);
}
