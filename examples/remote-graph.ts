/**
 * The team on a LangGraph server, called from another program as if it were a graph of its own: `npm run -s boardroom --
 * studio --no-browser`, then
 *
 *   npx tsx examples/remote-graph.ts http://127.0.0.1:2024 "What is 6 times 7?"
 */
import { RemoteGraph } from "@langchain/langgraph/remote";

const [url = "http://127.0.0.1:2024", question = "What is 6 times 7?"] = process.argv.slice(2);

const team = new RemoteGraph({ graphId: "team", url });
// Settings go by `configurable`; those that are left out are the server's.
const configurable = { maxExperts: 2, rounds: 1 };

const input = { task: { question, kind: "math" } };
for await (const update of await team.stream(input, { configurable, streamMode: "updates" }))
  console.error(Object.keys(update as object).join(", "));

const { answer, status } = await team.invoke(input, { configurable });
console.log(`${status}: ${answer}`);
