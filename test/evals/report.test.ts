import { execFileSync, spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { afterAll, expect, test } from "vitest";
import { spread, ticks } from "../../evals/report/chart.ts";
import { embed } from "../../evals/report/items.ts";
import { reportHtml } from "../../evals/report/report.ts";
import { packageRoot } from "../../paths.ts";
import { sample } from "./report-sample.ts";

const PAYLOAD = `</script><img src=x onerror="document.title='broken out'"><!--<script>'&\u2028\u2029{{7*7}}`;

const { summary, rows, steps } = sample({ items: 30, repeats: 2 });
const page = reportHtml(summary, rows, steps);
const hostile = sample({ items: 4, repeats: 1, payload: PAYLOAD });
const hostilePage = reportHtml(hostile.summary, hostile.rows, hostile.steps);

const embedded = (html: string) =>
  new Map(
    [...html.matchAll(/<script type="application\/json" id="([^"]+)">(.*?)<\/script>/gs)].map(
      ([, id, json]) => [id!, JSON.parse(json!)],
    ),
  );
const markup = (html: string) => html.replace(/<(script|style)\b.*?<\/\1>/gs, "");
const text = (html: string) =>
  markup(html)
    .replace(/<[^>]*>/g, " ")
    .replace(/\s+/g, " ");

test("the page shows the summary's numbers", () => {
  const ceo = summary.modes.find(({ mode }) => mode === "ceo")!;
  const shown = text(page);
  const percent = (share: number) => (100 * share).toFixed(1);
  expect(shown).toContain(
    `ceo ${percent(ceo.score.mean)} ${percent(ceo.score.low)}–${percent(ceo.score.high)}`,
  );
  expect(shown).toContain(`+${percent(ceo.toSolo!.mean)}`);
  expect(shown).toContain(`${Math.round(ceo.tokens.mean).toLocaleString("en-US")} of 16,000`);
  expect(shown).toContain("7 abstentions, 1 error");
  expect(shown).toContain("pass@2");
  expect(shown).toContain("ECE 0.094 · AUROC 0.66");
  for (const note of summary.notes) expect(shown).toContain(note);
});

test("curves carry the caption that a run given less would have planned differently, and tell our runs from published figures", () => {
  const shown = text(page);
  expect(shown).toMatch(
    /had runs that planned for 16,000 tokens been interrupted there\. A run given fewer tokens would have planned differently/,
  );
  expect(shown).toContain("real run ceo at 8,000 tokens: 58.0");
  expect(shown).toContain("published M1-32B with CEO (paper, table 1): 62.1");
  const withoutMarks = reportHtml({ ...summary, marks: [] }, rows, steps);
  expect(text(withoutMarks)).not.toContain("published");
});

test("what a summary does not have leaves no empty section", () => {
  const bare = reportHtml(
    {
      ...summary,
      positions: null,
      reliability: [],
      anytime: [],
      marks: [],
      notes: [],
      modes: summary.modes.map((mode) => ({ ...mode, repeats: 1, passAt: null, toSolo: null })),
    },
    [],
    [],
  );
  const sections = [...bare.matchAll(/<section id="(\w+)"/g)].map(([, id]) => id);
  expect(sections).toEqual(["modes", "items"]);
  expect(markup(bare)).not.toMatch(/NaN|undefined|Infinity/);
});

test("nothing is fetched: no address in the markup, and a policy that allows the page's own script and style only", () => {
  const script = /<script type="module">(.*?)<\/script>/s.exec(page)![1]!;
  const style = /<style>(.*?)<\/style>/s.exec(page)![1]!;
  const digest = (content: string) => `sha256-${createHash("sha256").update(content).digest("base64")}`;
  const policy = /Content-Security-Policy" content="([^"]*)"/.exec(page)![1]!.replaceAll("&#39;", "'");
  expect(policy).toBe(
    `default-src 'none'; script-src '${digest(script)}'; style-src '${digest(style)}'; img-src data:`,
  );
  expect(markup(page).match(/\b(src|href|srcset|action)="(?!data:)/g)).toBeNull();
  expect(`${script}${style}`).not.toMatch(/https?:|url\(|@import|\bimport\b|fetch\(|XMLHttp/);
  expect(script).not.toMatch(/innerHTML|outerHTML|insertAdjacentHTML|document\.write|eval\(/);
});

test("texts of models and users never become markup, and come back whole from the data", {
  tags: ["attack:quoting"],
}, () => {
  const scripts = 1 + 1 + hostile.rows.length / 4;
  expect(hostilePage.match(/<script\b/g)!.length).toBe(scripts);
  expect(hostilePage.match(/<\/script/g)!.length).toBe(scripts);
  expect(hostilePage).not.toContain("<img");
  const data = embedded(hostilePage);
  expect([...data.values()].length).toBe(1 + 4);
  expect(data.get("item-0").task.question).toContain(PAYLOAD);
  expect(data.get("item-0").runs[0].record.transcript[0].text).toContain(PAYLOAD);
  const json = hostilePage.match(/<script type="application\/json".*?<\/script>/gs)!.join("");
  expect(json).not.toMatch(/[\u2028\u2029]/);
});

test("every run of every item is in the page, with its steps, its record, and its task once", () => {
  const data = embedded(page);
  expect(data.get("entries").map(({ id }: { id: string }) => id)).toEqual([
    ...new Set(rows.map(({ id }) => id)),
  ]);
  const { task, gold, runs } = data.get("item-3");
  expect(task.choices).toHaveLength(4);
  expect("ABCD").toContain(gold);
  expect(runs.map(({ mode, repeat }: { mode: string; repeat: number }) => `${mode} ${repeat}`)).toEqual(
    ["ceo", "team", "vote", "solo"].flatMap((mode) => [`${mode} 0`, `${mode} 1`]),
  );
  expect(runs[0].record.task).toBeUndefined();
  const own = steps.filter(({ id, mode, repeat }) => id === task.id && mode === "ceo" && repeat === 0);
  expect(runs[0].steps.map(({ tokens }: { tokens: number }) => tokens)).toEqual(
    own.map(({ tokens }) => tokens),
  );
});

test("records beyond the limit are left out, those of agreed items first, and the page says so", () => {
  const whole = embed(rows, steps);
  const bytes = (scripts: string[]) => scripts.reduce((sum, script) => sum + Buffer.byteLength(script), 0);
  const limit = bytes(whole.scripts) / 2;
  const half = embed(rows, steps, limit);
  expect(bytes(half.scripts)).toBeLessThanOrEqual(limit);
  expect(half.entries).toHaveLength(30);
  const differ = ({ runs }: (typeof half.entries)[number]) =>
    new Set(runs.map(({ score }) => score)).size > 1;
  const agreed = half.entries.filter((entry) => !differ(entry));
  expect(agreed.length).toBeGreaterThan(0);
  expect(agreed.some(({ kept }) => kept)).toBe(false);

  const large = sample({ items: 250, repeats: 1, talk: 4000 });
  const began = performance.now();
  const largePage = reportHtml(large.summary, large.rows, large.steps);
  expect(performance.now() - began).toBeLessThan(5000);
  expect(Buffer.byteLength(largePage)).toBeLessThan(15_500_000);
  expect(text(largePage)).toMatch(/the discussions of \d+ of 250 items were left out/);
  expect(text(page)).not.toContain("left out;");
});

test.each([
  [16_000, [0, 5000, 10_000, 15_000]],
  [1, [0, 0.5, 1]],
  [900, [0, 500]],
  [40, [0, 10, 20, 30, 40]],
])("ticks up to %d are round", (max, expected) => {
  expect(ticks(max)).toEqual(expected);
});

test("labels that would overlap move apart and keep their order", () => {
  expect(spread([0.62, 0.61, 0.2], 0.05).map((y) => y.toFixed(2))).toEqual(["0.66", "0.61", "0.20"]);
  expect(spread([0.97, 0.99, 0.98], 0.05).map((y) => y.toFixed(2))).toEqual(["0.90", "1.00", "0.95"]);
});

/** As much of a document as runView uses: every string it is given stays a string. */
class FakeNode {
  readonly children: (FakeNode | string)[] = [];
  readonly style: Record<string, string> = {};
  readonly attributes: Record<string, string> = {};
  constructor(readonly tag: string) {}
  setAttribute(name: string, value: string) {
    this.attributes[name] = value;
  }
  append(...nodes: (FakeNode | string)[]) {
    this.children.push(...nodes);
  }
  addEventListener() {}
  get textContent(): string {
    return this.children.map((child) => (typeof child === "string" ? child : child.textContent)).join("");
  }
  all(tag: string): FakeNode[] {
    const inner = this.children.flatMap((child) => (typeof child === "string" ? [] : child.all(tag)));
    return this.tag === tag ? [this, ...inner] : inner;
  }
}

async function runView(run: object): Promise<FakeNode> {
  Object.assign(globalThis, {
    document: { createElement: (tag: string) => new FakeNode(tag), getElementById: () => null },
  });
  try {
    const view = await import(pathToFileURL(join(packageRoot, "evals", "report", "view.js")).href);
    return view.runView(run);
  } finally {
    Reflect.deleteProperty(globalThis, "document");
  }
}

const bars = (view: FakeNode) =>
  view.all("tr").map((row) =>
    row
      .all("span")
      .filter(({ style }) => style.width)
      .map(({ style }) => Number.parseFloat(style.width!)),
  );

test("runView shows a run by itself: who said what, what was asked and applied, verdicts, and the ledger", async () => {
  const row = rows.find(({ mode }) => mode === "ceo")!;
  const own = steps.filter(
    ({ id, mode, repeat }) => id === row.id && mode === "ceo" && repeat === row.repeat,
  );
  const view = await runView({ ...row, steps: own });
  const shown = view.textContent;
  expect(shown).toContain("recruit: 4 experts, critique, 2 rounds, 1,024 tokens a turn");
  expect(shown).toContain("experts: asked 6 applied 4");
  expect(shown).toMatch(/finishconfidence/);
  expect(shown).toMatch(/Blaisecritique, round 1(agrees|objects|abstained)/);
  expect(shown).toMatch(/evaluator (accepts|rejects) Check the units\./);
  expect(shown).toContain(`${own.at(-1)!.tokens.toLocaleString("en-US")} of 16,000 tokens`);
  const ends = bars(view).map(([before, width]) => before! + width!);
  expect(ends.at(-1)).toBeCloseTo(100);
  bars(view)
    .slice(1)
    .forEach(([before], i) => {
      expect(before).toBeCloseTo(ends[i]!);
    });
});

test("without steps the ledger is made from the record's calls, and a cut or failed run still shows", async () => {
  const row = rows.find(({ mode }) => mode === "team")!;
  const { spend } = row.record as { spend: { input: number; output: number }[] };
  const total = spend.reduce((sum, { input, output }) => sum + input + output, 0);
  expect((await runView(row)).textContent).toContain(
    `Ledger: ${total.toLocaleString("en-US")} of 16,000 tokens`,
  );
  const empty = { experts: [], decisions: [], transcript: [], candidates: [], spend: [] };
  const view = await runView({
    answer: null,
    status: "failed",
    error: "the endpoint went away",
    record: empty,
  });
  expect(view.textContent).toMatch(/no answer.*failed.*the endpoint went away/);
});

const chromium = ["chromium", "chromium-browser", "google-chrome"].find(
  (name) => spawnSync("which", [name]).status === 0,
);
const folder = mkdtempSync(join(tmpdir(), "report-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

function dumpDom(name: string, html: string, hash = ""): string {
  const file = join(folder, name);
  writeFileSync(file, html);
  const profile = `--user-data-dir=${join(folder, "profile")}`;
  return execFileSync(
    chromium!,
    [
      "--headless",
      "--no-sandbox",
      "--disable-gpu",
      profile,
      "--virtual-time-budget=3000",

      "--dump-dom",
      `${pathToFileURL(file).href}${hash}`,
    ],
    { encoding: "utf8", stdio: ["ignore", "pipe", "ignore"], maxBuffer: 64e6, timeout: 25_000 },
  );
}

if (chromium) {
  test("in headless chromium: the item browser fills under the page's own policy, and a link opens its item", () => {
    const dom = dumpDom("page.html", page, "#item/gpqa%2F003");
    expect(dom.match(/<details class="item"/g)).toHaveLength(30);
    expect(dom.match(/<details class="item" open=""/g)).toHaveLength(1);
    expect(dom.match(/<details class="rollout"/g)).toHaveLength(8);
    expect(dom).toMatch(/Modes disagree<small> \d+<\/small>/);
  });

  test("in headless chromium: payloads stay text even without the policy, filters work, and a phone needs no sideways scroll", () => {
    const driver = `<script type="module">
const all = (selector) => [...document.querySelectorAll(selector)];
const open = (selector) => new Promise((done) => {
  for (const node of all(selector)) node.open = true;
  setTimeout(done, 50);
});
await open(".item");
await open(".rollout");
const seen = {
  width: innerWidth,
  title: document.title,
  runs: all(".run").length,
  images: all("img").length,
  sideways: Math.max(...all("html, .item, .run, table").map((node) => node.scrollWidth - node.clientWidth)),
};
document.querySelector("input[value=unanswered]").click();
parent.postMessage({ ...seen, unanswered: all(".item:not([hidden])").length }, "*");
</script></body>`;
    const unguarded = hostilePage.replace(/<meta http-equiv[^>]*>/, "").replace("</body>", driver);
    writeFileSync(join(folder, "hostile.html"), unguarded);
    // Headless windows are at least 500 pixels wide, frames are not.
    const frame = `<pre></pre><script>onmessage = ({ data }) => { document.querySelector("pre").textContent = JSON.stringify(data); };</script>
<iframe src="hostile.html" width="375" height="800" style="border: 0"></iframe>`;
    const seen = /<pre>(.*?)<\/pre>/s
      .exec(dumpDom("phone.html", frame))![1]!
      .replaceAll("&lt;", "<")
      .replaceAll("&gt;", ">");
    const unanswered = new Set(hostile.rows.filter(({ answer }) => answer === null).map(({ id }) => id)).size;
    expect(JSON.parse(seen.replaceAll("&amp;", "&"))).toEqual({
      width: 375,
      title: expect.stringContaining("gpqa-diamond</script><img"),
      runs: hostile.rows.length,
      images: 0,
      sideways: 0,
      unanswered,
    });
  });
} else {
  test("no chromium here: only the text of the page is checked, not how it runs", () => {
    const script = readFileSync(join(packageRoot, "evals", "report", "view.js"), "utf8");
    expect(script).not.toMatch(/<\/script/i);
    expect(page).toContain(script);
    expect(page).toContain('<div id="browser"></div>');
  });
}
