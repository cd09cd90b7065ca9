import { once } from "node:events";
import type { AddressInfo } from "node:net";
import { serve } from "@hono/node-server";
import { ChatLlama } from "../llama.ts";
import { openAiApp } from "./openai-app.ts";

/** Serves a GGUF file as an OpenAI-compatible endpoint on 127.0.0.1; port 0 takes any free one. `url` ends in /v1. */
export async function serveGguf(weights: { path: string; name: string; contextSize: number }, port: number) {
  const chat = await ChatLlama.load(weights);
  const server = serve({ fetch: openAiApp(weights.name, chat).fetch, hostname: "127.0.0.1", port });
  await once(server, "listening");
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/v1`,
    stop: async () => {
      server.close();
      if ("closeAllConnections" in server) server.closeAllConnections();
    },
  };
}
