import { mkdirSync, mkdtempSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { start } from "../cli/boardroom.ts";
import { freePort } from "../free-port.ts";
import { type Script, scriptedServer } from "../scripted-server.ts";

/** `boardroom studio` on a scripted model, with a data folder of its own that holds an evaluation and a dataset; `env` lets commands share both. */
export async function studioServer(
  script: Script,
  folders: Record<string, string> = { evaluation: "summary.json", dataset: "manifest.json" },
) {
  const model = await scriptedServer(script);
  const home = mkdtempSync(join(tmpdir(), "boardroom-live-"));
  for (const [name, mark] of Object.entries(folders)) {
    mkdirSync(join(home, name));
    writeFileSync(join(home, name, mark), "{}");
    writeFileSync(
      join(home, name, "report.html"),
      `<!doctype html><link rel="icon" href="data:,"><title>${name}</title><h1>The ${name}</h1>`,
    );
  }
  const port = await freePort();
  const env = { BOARDROOM_HOME: home, OPENAI_BASE_URL: model.url, BOARDROOM_MODEL: "scripted" };
  const studio = start(["studio", "--no-browser", "--port", String(port)], env);
  const origin = `http://127.0.0.1:${port}`;
  const close = async () => {
    studio.child.kill("SIGTERM");
    await studio.ended;
    await model.close();
  };
  for (let tries = 0; tries < 240; tries++) {
    const ready = await fetch(`${origin}/ok`).then(
      ({ ok }) => ok,
      () => false,
    );
    if (ready) return { origin, model, home, env, close };
    await sleep(250);
  }
  await close();
  throw new Error("the dev server did not start");
}
