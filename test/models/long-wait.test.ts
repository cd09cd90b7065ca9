import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { Agent, fetch as undiciFetch } from "undici";
import { expect, onTestFinished, test, vi } from "vitest";
import { httpFetch } from "../../models/http.ts";

/** A server that is silent before its first byte, and again before its second, until it is told to go on. */
async function silentServer() {
  const waiting: (() => void)[] = [];
  const silence = () => new Promise<void>((go) => waiting.push(go));
  const http = createServer(async (_, res) => {
    await silence();
    res.writeHead(200, { "content-type": "text/plain" });
    res.write("It is ");
    await silence();
    res.end("42.");
  });
  await new Promise<void>((resolve) => http.listen(0, "127.0.0.1", resolve));
  onTestFinished(() => {
    http.close();
    http.closeAllConnections();
  });
  const url = `http://127.0.0.1:${(http.address() as AddressInfo).port}/`;
  return { url, waits: () => waiting.length, goOn: () => waiting.shift()?.() };
}

/** Lets `seconds` pass on undici's clock, a second at a time, while real sockets do their work. */
async function pass(seconds: number): Promise<void> {
  for (let i = 0; i < seconds; i++) {
    await vi.advanceTimersByTimeAsync(1000);
    if (i % 50 === 0) await new Promise((go) => setImmediate(go));
  }
}

/** The reply to a request whose server is silent twice for 500 s, or the code of what broke it. */
async function asked(request: (url: string) => Promise<{ text(): Promise<string> }>) {
  const server = await silentServer();
  const reply = request(server.url)
    .then((response) => response.text())
    .catch((error: Error) => String((error.cause as { code?: string })?.code ?? error));
  for (let silence = 0; silence < 2; silence++) {
    while (server.waits() === 0) {
      const over = await Promise.race([reply.then(() => true), new Promise((go) => setImmediate(go, false))]);
      if (over) return reply;
      await vi.advanceTimersByTimeAsync(10);
    }
    await pass(500);
    server.goOn();
  }
  return reply;
}

test("a server may be silent for 500 s before its first byte and between two, for which undici does not wait by itself", async () => {
  const dispatcher = new Agent();
  // One clock for both: undici's timers outlive a clock that is taken away.
  vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout", "performance", "Date"] });
  onTestFinished(() => {
    vi.useRealTimers();
    return dispatcher.destroy();
  });
  expect(await asked((url) => undiciFetch(url, { dispatcher }))).toBe("UND_ERR_HEADERS_TIMEOUT");
  expect(await asked((url) => httpFetch(url))).toBe("It is 42.");
});
