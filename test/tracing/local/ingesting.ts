/** A process of its own that ingests batch after batch and prints the ids of each that was answered with 202. */
import { randomUUID } from "node:crypto";
import { handlerOf } from "../../../tracing/local/app.ts";
import { openStore } from "../../../tracing/local/store.ts";

const [file = "", batches = "0"] = process.argv.slice(2);
const handle = handlerOf(openStore(file));
for (let n = 0; n < Number(batches); n++) {
  const post = Array.from({ length: 20 }, () => {
    const id = randomUUID();
    const run = { id, trace_id: id, dotted_order: `20261122T101614000000Z${id}`, session_name: "crowd" };
    return {
      ...run,
      name: "solve",
      run_type: "llm",
      start_time: Date.now(),
      inputs: { text: "x".repeat(2000) },
    };
  });
  const request = new Request("http://h/runs/batch", { method: "POST", body: JSON.stringify({ post }) });
  const { status } = await handle(request);
  if (status === 202) process.stdout.write(`${post.map(({ id }) => id).join("\n")}\n`);
}
