import { createHash } from "node:crypto";
import { type Dirent, existsSync, readdirSync, statSync } from "node:fs";
import { basename, join, relative } from "node:path";

/** The folder of an evaluation or a dataset. */
interface FoundFolder {
  /** Names the folder in addresses: nothing of its path stands there. */
  id: string;
  path: string;
  /** As a reader knows it: its path from where it was looked for. */
  name: string;
  /** When its report was written. */
  madeAt: string;
}

const DEPTH = 3;
const MOST = 500;

/** What tells the two apart, besides report.html. */
const marks = { evaluations: "summary.json", datasets: "manifest.json" } as const;
export type FolderKind = keyof typeof marks;

/** Folders of that kind in these folders and up to three levels below them, the newest first. */
export function foundFolders(kind: FolderKind, roots: readonly string[]): FoundFolder[] {
  const found = new Map<string, FoundFolder>();
  for (const root of roots)
    for (const path of foldersBelow(root, DEPTH)) {
      const report = join(path, "report.html");
      if (found.size >= MOST || !existsSync(report) || !existsSync(join(path, marks[kind]))) continue;
      const id = createHash("sha256").update(path).digest("hex").slice(0, 12);
      const name = relative(root, path) || basename(path);
      found.set(path, { id, path, name, madeAt: statSync(report).mtime.toISOString() });
    }
  return [...found.values()].sort((a, b) => b.madeAt.localeCompare(a.madeAt));
}

function* foldersBelow(folder: string, depth: number): Generator<string> {
  yield folder;
  if (depth === 0) return;
  for (const entry of entriesOf(folder))
    if (entry.isDirectory() && !entry.name.startsWith(".") && entry.name !== "node_modules")
      yield* foldersBelow(join(folder, entry.name), depth - 1);
}

function entriesOf(folder: string): Dirent[] {
  try {
    return readdirSync(folder, { withFileTypes: true });
  } catch {
    return []; // not there, or not ours to read
  }
}
