import { mkdtempSync, readdirSync, readFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

/** What V8's coverage, written to a folder as a process ends, says of its scripts. */
interface Coverage {
  result: { url: string }[];
}

/** An environment in which a Node process leaves the names of the files that it loaded, and a reader of them. */
export function loadedModules(): { env: Record<string, string>; read(): string[] } {
  const folder = mkdtempSync(join(tmpdir(), "boardroom-loaded-"));
  return {
    env: { NODE_V8_COVERAGE: folder },
    read: () => {
      const reports = readdirSync(folder).map(
        (file) => JSON.parse(readFileSync(join(folder, file), "utf8")) as Coverage,
      );
      const urls = reports.flatMap(({ result }) => result.map(({ url }) => url));
      return [...new Set(urls.filter((url) => url.startsWith("file:")))];
    },
  };
}

/** The packages that files belong to. */
export const packagesOf = (files: readonly string[]): Set<string> =>
  new Set(files.flatMap((file) => /.*node_modules\/((?:@[^/]+\/)?[^/]+)/.exec(file)?.[1] ?? []));
