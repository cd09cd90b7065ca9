import { mkdtempSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "vitest";
import { openDataset } from "../../datasets/curate/source.ts";
import { packageRoot } from "../../paths.ts";
import { handlerOf } from "../../tracing/local/app.ts";
import { serveHandler } from "../../tracing/local/server.ts";
import { openStore } from "../../tracing/local/store.ts";
import { scriptedServer } from "../scripted-server.ts";
import { boardroom } from "./boardroom.ts";

test("experiments become a dataset: scores from their feedback, solutions from their examples, difficulty from lone solvers", async () => {
  const folder = mkdtempSync(join(tmpdir(), "boardroom-eval-"));
  const home = join(folder, "home");
  // Lone solvers fail at the second problem; the votes of its samples get it right.
  const model = await scriptedServer({
    solve: ({ text, run }, nth) => {
      const [, n] = /What is (\d) and one\?/.exec(text) ?? [];
      const right = n !== "2" || nth > 0 || run === null;
      return `It is \\boxed{${right ? Number(n) + 1 : 0}}.`;
    },
  });
  const store = openStore(join(home, "traces.db"));
  const langsmith = await serveHandler(handlerOf(store), 0);
  const data = join(folder, "own.jsonl");
  const items = [1, 2, 3].map((n) => ({
    id: `n${n}`,
    question: `What is ${n} and one?`,
    kind: "math",
    answer: n + 1,
  }));
  writeFileSync(data, items.map((item) => JSON.stringify(item)).join("\n"));
  try {
    const evaluated = await boardroom(
      [
        "eval",
        "own",
        "--data",
        data,
        "--modes",
        "solo,vote",
        "--model",
        "m",
        "--upload",
        "--out",
        join(folder, "eval"),
      ],
      {
        BOARDROOM_HOME: home,
        OPENAI_BASE_URL: model.url,
        LANGSMITH_ENDPOINT: langsmith.url,
        LANGSMITH_API_KEY: "lsv2_pt_stand_in",
      },
    );
    expect(evaluated.code, evaluated.stderr).toBe(0);
    const out = join(folder, "out");
    const args = [
      "--against",
      join(packageRoot, "benchmarks", "samples"),
      "--consensus",
      "off",
      "--out",
      out,
      "--json",
    ];
    const { code, stdout, stderr } = await boardroom(["curate", ...args], { BOARDROOM_HOME: home });
    expect(code, stderr).toBe(0);
    const manifest = JSON.parse(stdout);
    expect(manifest).toMatchObject({ read: 6 });
    const rows = [];
    for await (const row of (await openDataset(out)).rows()) rows.push(row);
    for (const { provenance, solution } of rows) {
      expect(provenance).toMatchObject({ benchmark: "own", score: 1, method: "feedback", repeat: 0 });
      expect(solution).toBe(String(Number(provenance.item!.slice(1)) + 1));
      // A team's run is better than a lone solver's that is as right.
      expect(provenance.mode).toBe("vote");
    }
    expect(manifest.difficulty).toEqual({ known: rows.length, unknown: 0 });
    expect(manifest.funnel[1]).toMatchObject({
      step: "correct",
      reasons: { wrong: 6 - manifest.funnel[1].out },
    });
    expect(manifest.funnel[1].out).toBeLessThan(6);

    // The same through LangSmith's address, as if it were the cloud.
    const projects = manifest.source.projects.flatMap((name: string) => ["--project", name]);
    const remote = await boardroom(
      [
        "curate",
        "--from",
        "cloud",
        ...projects,
        ...args.slice(0, 4),
        "--out",
        join(folder, "cloud"),
        "--json",
      ],
      {
        BOARDROOM_HOME: join(folder, "elsewhere"),
        LANGSMITH_ENDPOINT: langsmith.url,
        LANGSMITH_API_KEY: "lsv2_pt_stand_in",
      },
    );
    expect(remote.code, remote.stderr).toBe(0);
    expect(JSON.parse(remote.stdout)).toMatchObject({
      read: 6,
      kept: manifest.kept,
      source: { from: "LangSmith" },
      files: { "dataset.jsonl": manifest.files["dataset.jsonl"] },
    });
  } finally {
    await langsmith.close();
    await model.close();
  }
}, 120_000);
