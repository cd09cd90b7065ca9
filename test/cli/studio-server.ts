import { mkdtempSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { freePort } from "../free-port.ts";
import type { ScriptedServer } from "../scripted-server.ts";
import { start } from "./boardroom.ts";

export interface RunningStudio {
  base: string;
  /** Its BOARDROOM_HOME. */
  home: string;
  stop(): Promise<void>;
}

/** Starts `boardroom studio` on a scripted model, and waits until the dev server answers. */
export async function startStudio(model: ScriptedServer, ...flags: string[]): Promise<RunningStudio> {
  const port = await freePort();
  const base = `http://127.0.0.1:${port}`;
  const home = mkdtempSync(join(tmpdir(), "boardroom-studio-"));
  const { child, ended } = start(["studio", "--no-browser", "--port", String(port), ...flags], {
    BOARDROOM_HOME: home,
    OPENAI_BASE_URL: model.url,
    BOARDROOM_MODEL: "scripted",
  });
  const stop = async () => {
    child.kill("SIGTERM");
    await ended;
  };
  for (let tries = 0; tries < 600; tries++) {
    const ready = await fetch(`${base}/ok`).then(
      ({ ok }) => ok,
      () => false,
    );
    if (ready) return { base, home, stop };
    await sleep(250);
  }
  await stop();
  throw new Error("the dev server did not start");
}
