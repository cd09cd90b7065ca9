import { mkdirSync, mkdtempSync, readdirSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { execa, type ResultPromise } from "execa";
import { packageRoot } from "../paths.ts";

export interface PackedProject {
  folder: string;
  /** Paths in the tarball. */
  files: string[];
  /** Runs Node in the project; a program's text is a module. */
  node(
    args: string[],
    env?: Record<string, string>,
  ): Promise<{ code: number | undefined; stdout: string; stderr: string }>;
  /** Starts the installed command, for one that serves. */
  start(args: string[], env?: Record<string, string>): ResultPromise<{ reject: false }>;
  /** Runs the installed command. */
  boardroom(...args: Parameters<PackedProject["node"]>): ReturnType<PackedProject["node"]>;
}

/**
 * What `npm pack` makes of this checkout, unpacked into an empty project. The packages that it depends on are linked to the
 * checkout's; what only the checkout's own tools depend on is linked with them.
 */
export async function packedProject(): Promise<PackedProject> {
  const folder = mkdtempSync(join(tmpdir(), "boardroom-packed-"));
  const { stdout } = await execa("npm", ["pack", "--json", "--pack-destination", folder], {
    cwd: packageRoot,
  });
  const [{ filename, files }] = JSON.parse(stdout) as [{ filename: string; files: { path: string }[] }];
  const modules = join(folder, "node_modules");
  const installed = join(modules, "boardroom");
  mkdirSync(installed, { recursive: true });
  await execa("tar", ["-xzf", join(folder, filename), "-C", installed, "--strip-components", "1"]);
  for (const name of readdirSync(join(packageRoot, "node_modules")))
    if (!name.startsWith(".") && name !== "boardroom")
      symlinkSync(join(packageRoot, "node_modules", name), join(modules, name));
  writeFileSync(join(folder, "package.json"), '{ "name": "empty", "private": true, "type": "module" }\n');
  const home = mkdtempSync(join(tmpdir(), "boardroom-packed-home-"));
  const node: PackedProject["node"] = async (args, env = {}) => {
    const done = await execa(process.execPath, args, {
      cwd: folder,
      env: { BOARDROOM_HOME: home, ...env },
      stdin: "ignore",
      reject: false,
    });
    return { code: done.exitCode, stdout: done.stdout, stderr: done.stderr };
  };
  const command = join(installed, "cli", "boardroom.mjs");
  return {
    folder,
    files: files.map(({ path }) => path),
    node,
    start: (args, env = {}) =>
      execa(process.execPath, [command, ...args], {
        cwd: folder,
        env: { BOARDROOM_HOME: home, ...env },
        reject: false,
      }),
    boardroom: (args, env) => node([command, ...args], env),
  };
}
