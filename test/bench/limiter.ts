import { pathToFileURL } from "node:url";
import { solve as solveTask } from "../../runtime/solve.ts";
import { scriptedServer } from "../scripted-server.ts";

const RUNS = 10;
const SAMPLES = 60;
const PLACES = 6;
/** The limiter may take so long to find out what the server takes. */
const SETTLING_MS = 10_000;
const SAMPLING_MS = 25;

/** Ten runs at once against a server that refuses above 6 requests in flight: what is lost, and how full it is kept. */
export default async function limiter(): Promise<void> {
  const solve = (_: unknown, nth: number) => ({
    content: `Answer: ${nth}`, // never a majority, so that every sample is taken
    delayMs: 200 + ((nth * 137) % 400),
  });
  const server = await scriptedServer({ "*": solve }, { maxInFlight: PLACES });
  process.env.OPENAI_BASE_URL = server.url;
  const settings = { model: "scripted", samples: SAMPLES, budgetTokens: 1_000_000 };
  const began = performance.now();
  const inUse: number[] = [];
  const sampling = setInterval(() => {
    if (performance.now() - began > SETTLING_MS) inUse.push(server.inFlight);
  }, SAMPLING_MS);
  const runs = Array.from({ length: RUNS }, (_, i) =>
    solveTask({ mode: "vote", task: { question: `Question ${i}`, kind: "open" }, settings }).finally(
      () => clearInterval(sampling), // from here on too few want to speak
    ),
  );
  const results = await Promise.all(runs);
  const seconds = (performance.now() - began) / 1000;
  await server.close();

  const served = server.requests.filter(({ status }) => status === 200).length;
  const mean = inUse.reduce((sum, n) => sum + n, 0) / inUse.length;
  console.table({
    "runs that failed": results.filter(({ error }) => error !== undefined).length,
    "replies wanted": RUNS * SAMPLES,
    "replies got": results.reduce((sum, { candidates }) => sum + candidates.length, 0),
    "requests refused": server.requests.length - served,
    seconds: Number(seconds.toFixed(1)),
    "share of the 6 places in use, after 10 s": Number((mean / PLACES).toFixed(3)),
  });
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? "").href) await limiter();
