import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { packageRoot } from "../../paths.ts";

/** Files of this package, named from its root, as one text. */
export const asset = (...files: string[]): string =>
  files.map((file) => readFileSync(join(packageRoot, file), "utf8")).join("\n");

/** What a page's policy names a style or a script by, so that no other can run in it. */
export const digest = (text: string): string =>
  `'sha256-${createHash("sha256").update(text).digest("base64")}'`;
