import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { Client } from "@langchain/langgraph-sdk";
import type { Page } from "playwright-core";
import { pageOf } from "../../datasets/curate/page.ts";
import { reportHtml } from "../../evals/report/report-html.ts";
import { boardroom } from "../cli/boardroom.ts";
import { pageSample } from "../datasets/curate/page-sample.ts";
import { sample } from "../evals/report-sample.ts";
import { atRest } from "./at-rest.ts";
import { longRun } from "./long-run.ts";
import { scriptedTeam } from "./scripted-team.ts";
import { studioServer } from "./studio-server.ts";

/** A page in a state that a reader meets. */
export interface Scene {
  name: string;
  url: string;
  /** The server is asked for what it does not have, which a browser's console reports. */
  asksInVain?: boolean;
  /** What a reader does there first; returns when the page is as it is to be seen. */
  act?: (page: Page) => Promise<unknown>;
}

const question = "What are the last two digits of 7^2026?";
const streamMode = ["checkpoints" as const, "custom" as const];

/** Every page, full and empty, with a run at each of its turns; files are put into the studio's own folder. */
export async function scenes(): Promise<{ scenes: Scene[]; close: () => Promise<void> }> {
  const empty = await studioServer(scriptedTeam(), {});
  const studio = await studioServer(scriptedTeam({ delayMs: 5, chunkDelayMs: 1 }));
  const client = new Client({ apiUrl: studio.origin });
  const ask = async (task: object, until: readonly string[], context: object = {}, before?: string) => {
    const { thread_id: id } = await client.threads.create({ metadata: before ? { before } : {} });
    await client.runs.create(id, "ceo", { input: { task: { kind: "math", ...task } }, context, streamMode });
    for (let tries = 0; tries < 240; tries++) {
      if (until.includes((await client.threads.get(id)).status)) return id;
      await new Promise((later) => setTimeout(later, 250));
    }
    throw new Error(`the run of ${JSON.stringify(task)} did not become ${until.join(" or ")}`);
  };

  const earlier = [
    { role: "user", text: "We did modular arithmetic last week. May I use Euler's theorem?" },
    { role: "assistant", text: "Yes: 7 and 100 share no factor, so it applies." },
  ];
  const done = await ask({ question }, ["idle"]);
  const hasty = await ask({ question }, ["idle"], { promptCeo: await hastyPrompt(client) }, done);
  const withContext = await ask({ question: `${question} Give a whole number.`, context: earlier }, ["idle"]);
  const decision = await ask({ question }, ["interrupted"], { pauseDecision: true });
  const recruited = await ask({ question }, ["interrupted"], { pauseRecruit: true });
  const broken = await ask({ question: `${question} Lose the connection.` }, ["error"]);
  const long = await longRun(studio.origin, 200);
  const { stdout } = await boardroom(["solve", question, "--kind", "math", "--json"], studio.env);
  const kept = (JSON.parse(stdout) as { threadId: string }).threadId;
  await boardroom(["solve", question, "--kind", "math", "--pause", "decision", "--json"], studio.env);

  const file = (name: string, text: string) => {
    mkdirSync(join(studio.home, "pages"), { recursive: true });
    const path = join(studio.home, "pages", name);
    writeFileSync(path, text);
    return pathToFileURL(path).href;
  };
  const four = sample({ items: 60, repeats: 2 });
  const many = sample({ items: 2000, repeats: 1, talk: 120 });
  const rows = pageSample();
  const at = (path: string) => `${studio.origin}${path}`;
  const utterance = (page: Page) => page.locator(".utterance").first().waitFor();
  const tab = (name: string) => (page: Page) => page.getByRole("button", { name, exact: true }).click();
  const openItem = async (page: Page) => {
    await page.locator("#items").scrollIntoViewIfNeeded();
    for (const head of [page.locator(".item-head").nth(1), page.locator(".rollout-head").last()]) {
      await head.scrollIntoViewIfNeeded();
      await atRest(page, ".items");
      await head.click();
    }
    await page.locator(".run").waitFor();
  };
  return {
    close: async () => {
      await Promise.all([studio.close(), empty.close()]);
    },
    scenes: [
      { name: "ask-empty", url: empty.origin, act: (page) => page.locator(".stage").first().waitFor() },
      { name: "runs-empty", url: `${empty.origin}/runs` },
      { name: "missing", url: at("/runs/nowhere"), asksInVain: true },
      {
        name: "ask",
        url: at("/"),
        act: async (page) => {
          await page.getByLabel("Question").fill(question);
          await page.getByLabel("Kind of answer").selectOption("choice");
          await page.getByText("Budget and limits").click();
        },
      },
      {
        name: "ask-prompt",
        url: at("/"),
        act: async (page) => {
          await page.locator('[data-stage="critique"]').click();
          await page.locator(".cm-content").waitFor();
        },
      },
      { name: "runs", url: at("/runs"), act: (page) => page.locator(".runs li").first().waitFor() },
      { name: "evaluations", url: at("/evaluations") },
      { name: "evaluations-empty", url: `${empty.origin}/datasets` },
      { name: "run-done", url: at(`/runs/${done}`), act: utterance },
      { name: "run-graph", url: at(`/runs/${done}`), act: tabIfSmall("Graph") },
      { name: "run-course", url: at(`/runs/${done}`), act: tabIfSmall("Course") },
      { name: "run-step", url: at(`/runs/${done}?step=6`), act: utterance },
      {
        name: "run-prompt",
        url: at(`/runs/${done}?stage=ceo`),
        act: async (page) => {
          await page.locator(".cm-content").click();
          await page.keyboard.press("Control+Home");
          await page.keyboard.type("Be quick. {{ wrong }} ");
          await page.getByText("{{ wrong }} is no hole").first().waitFor();
        },
      },
      {
        name: "run-context",
        url: at(`/runs/${withContext}`),
        act: (page) => page.getByText("Said before the question").click(),
      },
      {
        name: "run-running",
        url: at("/"),
        act: async (page) => {
          await page.goto(at(`/runs/${await ask({ question: `${question} Take your time.` }, ["busy"])}`));
          await page.waitForSelector(".utterance.speaking .said:not(:empty)");
        },
      },
      { name: "run-broken", url: at(`/runs/${broken}`), act: utterance },
      { name: "run-long", url: at(`/runs/${long}`), act: utterance },
      { name: "run-kept", url: at(`/runs/${kept}?step=5`), act: utterance },
      {
        name: "pause-decision",
        url: at(`/runs/${decision}`),
        act: (page) => page.locator("form.pause").waitFor(),
      },
      {
        name: "pause-recruit",
        url: at(`/runs/${recruited}`),
        act: (page) => page.locator("form.pause").waitFor(),
      },
      {
        name: "fork",
        url: at(`/runs/${done}?step=1`),
        act: (page) => page.getByRole("button", { name: "Go on from step 1" }).click(),
      },
      {
        name: "compare",
        url: at(`/compare?a=${done}&b=${hasty}`),
        act: (page) => page.locator("main.compare ins").first().waitFor(),
      },
      { name: "compare-none", url: at("/compare") },
      {
        name: "report",
        url: file("report.html", reportHtml(four.summary, four.rows, four.steps)),
        act: openItem,
      },
      { name: "report-one", url: file("report-one.html", reportOfOne()) },
      { name: "report-2000", url: file("report-2000.html", reportHtml(many.summary, many.rows, many.steps)) },
      { name: "dataset", url: file("dataset.html", pageOf(rows.manifest, rows.kept, rows.rejected)) },
    ],
  };

  function tabIfSmall(name: string) {
    return async (page: Page) => {
      await page.locator(".stage").first().waitFor({ state: "attached" });
      if ((page.viewportSize()?.width ?? 0) < 1000) await tab(name)(page);
    };
  }
}

/** A report of one mode, without the figures that compare modes. */
function reportOfOne(): string {
  const { summary, rows, steps } = sample({ items: 60, repeats: 1 });
  const only = <T extends { mode: string }>(all: readonly T[]) => all.filter(({ mode }) => mode === "ceo");
  const one = {
    ...summary,
    modes: only(summary.modes).map((mode) => ({ ...mode, toSolo: null })),
    anytime: only(summary.anytime),
    reliability: only(summary.reliability),
  };
  return reportHtml(one, only(rows), only(steps));
}

/** The CEO's prompt with a word on haste before it. */
async function hastyPrompt(client: Client): Promise<string> {
  const { context_schema } = (await client.assistants.getSchemas("ceo")) as {
    context_schema?: { properties?: Record<string, { default?: unknown }> };
  };
  return `Be quick. ${context_schema?.properties?.promptCeo?.default}`;
}
