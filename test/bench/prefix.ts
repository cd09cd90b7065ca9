import { createHash } from "node:crypto";
import { pathToFileURL } from "node:url";
import { runTask } from "../../graphs/run.ts";
import { board, type Script, type SeenRequest, scriptedServer, verbose } from "../scripted-server.ts";

/** Tokens of a block, as vLLM hashes them; a token is taken to be four characters. */
const BLOCK = 16;
const CHARS = BLOCK * 4;

/** Hashes of the prompt's full blocks, each over everything before it too. */
function blocks({ text }: SeenRequest): string[] {
  const hash = createHash("sha256");
  return Array.from({ length: Math.floor(text.length / CHARS) }, (_, i) =>
    hash
      .update(text.slice(i * CHARS, (i + 1) * CHARS))
      .copy()
      .digest("base64"),
  );
}

interface Row {
  calls: number;
  "prompt tokens": number;
  "in a seen prefix": number;
  share: number;
}

/** Prompt tokens by node, and how many of them lie in a prefix that an earlier prompt had. */
function shared(requests: SeenRequest[]): Record<string, Row> {
  const seen = new Set<string>();
  const rows: Record<string, Row> = {};
  for (const request of requests) {
    const own = blocks(request);
    const fresh = own.findIndex((block) => !seen.has(block));
    const known = fresh < 0 ? own.length : fresh;
    for (const block of own) seen.add(block);
    for (const name of [request.node ?? "?", "all"]) {
      rows[name] ??= { calls: 0, "prompt tokens": 0, "in a seen prefix": 0, share: 0 };
      const row = rows[name];
      row.calls++;
      row["prompt tokens"] += Math.ceil(request.text.length / 4);
      row["in a seen prefix"] += known * BLOCK;
      row.share = Number((row["in a seen prefix"] / row["prompt tokens"]).toFixed(3));
    }
  }
  return rows;
}

const question = `Find the number of ordered pairs of positive integers (a, b) with a + b = 1000 such that neither a nor b has a zero digit. ${"Say how you count, and check it. ".repeat(6)}`;
const SOLUTION = 600;
const OBJECTION = 150;

/** Replies as long as those of real runs; the critics object to the end. */
function talk(format: "critique" | "debate"): Script {
  let critic = 0;
  const options = { experts: 4, format, rounds: 3, agree: false, accept: true };
  const different = (nth: number) => String(nth);
  return {
    ...board({ ...options, talk: SOLUTION, answer: different }),
    critique: () => ({ agree: false, objections: `${critic++}: ${verbose(OBJECTION)}` }),
  };
}

/** Share of the prompt tokens of a run that a server with a prefix cache has read before. */
export default async function prefix(): Promise<void> {
  for (const format of ["critique", "debate"] as const) {
    const server = await scriptedServer(talk(format));
    process.env.OPENAI_BASE_URL = server.url;
    const settings = {
      model: "scripted",
      maxExperts: 4,
      rounds: 3,
      maxTurns: 1,
      format,
      budgetTokens: 200_000,
    };
    const { status, usage } = await runTask({ mode: "team", task: { question, kind: "math" }, settings });
    await server.close();
    console.log(
      `${format}, 4 experts, 3 rounds: ${status}, ${usage.inputTokens} + ${usage.outputTokens} tokens`,
    );
    console.table(shared(server.requests));
  }
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? "").href) await prefix();
