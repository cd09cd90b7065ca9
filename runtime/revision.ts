import { execFileSync } from "node:child_process";
import { existsSync } from "node:fs";
import { join } from "node:path";
import { packageRoot } from "../paths.ts";

let known: string | null | undefined;

/** The commit that this program was checked out at, asked once; null where it is installed, not checked out. */
export function revision(): string | null {
  if (known === undefined) known = existsSync(join(packageRoot, ".git")) ? gitRevision() : null;
  return known;
}

function gitRevision(): string | null {
  try {
    const git = ["-C", packageRoot, "rev-parse", "--short=12", "HEAD"];
    return execFileSync("git", git, {
      encoding: "utf8",
      timeout: 1000,
      stdio: ["ignore", "pipe", "ignore"],
    }).trim();
  } catch {
    return null;
  }
}
