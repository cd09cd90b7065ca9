import { readFileSync } from "node:fs";
import { join } from "node:path";
import { type Context, Hono } from "hono";
import { boardroomHome } from "../../paths.ts";
import { type FolderKind, foundFolders } from "./found-folders.ts";

/** Where `boardroom studio` was started: evaluations and datasets are looked for there and in the data folder. */
export const FOLDER_VARIABLE = "BOARDROOM_FOLDER";

const roots = (): string[] => [process.env[FOLDER_VARIABLE] ?? process.cwd(), boardroomHome()];

const list = (kind: FolderKind) => (c: Context) =>
  c.json(foundFolders(kind, roots()).map(({ id, name, madeAt }) => ({ id, name, madeAt })));

/** A report is a page of one file that sends no request; its own policy says so. */
const report = (kind: FolderKind) => (c: Context) => {
  const folder = foundFolders(kind, roots()).find(({ id }) => id === c.req.param("id"));
  if (!folder) return c.text("There is no such folder any more.", 404);
  return c.html(readFileSync(join(folder.path, "report.html"), "utf8"));
};

/** Evaluations and datasets on this machine. */
export const folderRoutes = new Hono()
  .get("/boardroom/evaluations", list("evaluations"))
  .get("/boardroom/datasets", list("datasets"))
  .get("/evaluations/:id", report("evaluations"))
  .get("/datasets/:id", report("datasets"));
