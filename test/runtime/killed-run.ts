/** Runs the common question on a thread, as a process of its own that is there to be killed: THREAD at OPENAI_BASE_URL. */
import { solve } from "../../runtime/solve.ts";

const [thread = "killed"] = process.argv.slice(2);
const task = { question: "What is 6 times 7?", kind: "math" as const };
console.log(JSON.stringify(await solve({ mode: "ceo", task, thread, settings: { model: "scripted" } })));
