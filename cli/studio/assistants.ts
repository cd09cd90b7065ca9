import { createHash } from "node:crypto";
import { readdirSync } from "node:fs";
import { join } from "node:path";
import { packageRoot } from "../../paths.ts";
import { readSettingsFile, type SettingsFile } from "../../runtime/settings-file.ts";
import type { Mode } from "../../state/run-info.ts";

/** What an assistant of the dev server is made of. */
interface Assistant {
  assistant_id: string;
  graph_id: Mode;
  name: string;
  description: string;
  context: SettingsFile["settings"];
  /** `boardroom`: a hash of the file's content, by which a file that was edited is known. */
  metadata: { created_by: "boardroom"; boardroom: string };
}

/** The settings that come with the program, and the user's own file. */
export function shippedSettings(): SettingsFile[] {
  const folder = join(packageRoot, "assistants");
  return readdirSync(folder)
    .filter((name) => name.endsWith(".yaml"))
    .sort()
    .map((name) => readSettingsFile(join(folder, name)));
}

/** A file that names no mode is for both modes that have a team. The id follows from name and graph. */
function assistantsOf({ name, description, mode, settings }: SettingsFile): Assistant[] {
  const content = hash(JSON.stringify([name, description, settings]));
  return (mode ? [mode] : (["ceo", "team"] as const)).map((graph) => ({
    assistant_id: uuid(hash(`boardroom ${graph} ${name}`)),
    graph_id: graph,
    name,
    description,
    context: settings,
    metadata: { created_by: "boardroom", boardroom: content },
  }));
}

/**
 * Makes the assistants that the server at `base` does not have, and follows files that were edited since; one that was
 * edited in Studio stays as it is. Throws where the server refuses.
 */
export async function registerAssistants(base: string, files: readonly SettingsFile[]): Promise<void> {
  for (const assistant of files.flatMap(assistantsOf)) {
    const known = await send(`${base}/assistants`, "POST", { ...assistant, if_exists: "do_nothing" });
    if (known.metadata?.boardroom === assistant.metadata.boardroom) continue;
    const { assistant_id: id, ...changed } = assistant;
    await send(`${base}/assistants/${id}`, "PATCH", changed);
  }
}

async function send(url: string, method: string, body: object): Promise<Partial<Assistant>> {
  const headers = { "content-type": "application/json" };
  const reply = await fetch(url, { method, headers, body: JSON.stringify(body) });
  if (!reply.ok) throw new Error(`${method} ${url}: ${reply.status} ${(await reply.text()).slice(0, 200)}`);
  return (await reply.json()) as Partial<Assistant>;
}

const hash = (text: string) => createHash("sha256").update(text).digest("hex");

/** A UUID (RFC 9562, version 8: made by our own rule) of a hash. */
const uuid = (hex: string) =>
  `${hex.slice(0, 8)}-${hex.slice(8, 12)}-8${hex.slice(13, 16)}-8${hex.slice(17, 20)}-${hex.slice(20, 32)}`;
