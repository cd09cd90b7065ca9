import { execFile, spawn } from "node:child_process";
import { randomUUID } from "node:crypto";
import { join } from "node:path";
import { promisify } from "node:util";
import { packageRoot } from "../paths.ts";
import type { Engine } from "./engine.ts";
import type { Job } from "./outcome.ts";
import { type End, play, type Role, ready } from "./pair.ts";

const IMAGE = "python:3.13-slim";

/** A container per process, by the `docker` command (any that takes its arguments, such as podman's). */
export function dockerEngine(command = "docker"): Engine {
  const start = (role: Role, job: Job): End => {
    const name = `boardroom-${randomUUID()}`;
    const child = spawn(command, containerArguments(role, job, name), { stdio: ["pipe", "pipe", "pipe"] });
    for (const stream of child.stdio) stream?.on("error", () => {});
    child.on("error", () => {});
    let killed = false;
    const kill = () => {
      if (killed || child.exitCode !== null) return;
      killed = true;
      spawn(command, ["kill", name], { stdio: "ignore" }).on("error", () => {});
    };
    return { child, kill };
  };
  return {
    backend: "docker",
    async usable() {
      const { stdout } = await promisify(execFile)(command, ["version", "--format", "{{.Server.Version}}"]);
      return `a container of ${IMAGE} without network or rights, server ${stdout.trim()}`;
    },
    async do(job) {
      const roles: Role[] = job.role === "run" ? ["run"] : ["judge", "candidate"];
      const ends = Object.fromEntries(roles.map((role) => [role, start(role, job)]));
      try {
        await Promise.all(Object.values(ends).map(ready));
      } catch (error) {
        for (const end of Object.values(ends)) end.kill();
        throw error;
      }
      return play(ends, job);
    },
    async close() {},
  };
}

function containerArguments(role: Role, { limits }: Job, name: string): string[] {
  const start = `import sys; sys.path.insert(0, "/sandbox"); import judge; judge.start(${JSON.stringify(role)})`;
  return [
    ...["run", "--rm", "--interactive", "--name", name],
    ...["--network", "none", "--read-only", "--cap-drop", "ALL", "--security-opt", "no-new-privileges"],
    ...[
      "--user",
      "65534:65534",
      "--pids-limit",
      "64",
      "--ulimit",
      `cpu=${Math.ceil(limits.wallMs / 1000) + 2}`,
    ],
    ...["--memory", String(limits.memoryBytes), "--memory-swap", String(limits.memoryBytes)],
    ...["--tmpfs", `/tmp:size=${limits.fileBytes},mode=1777`, "--workdir", "/tmp"],
    ...["--volume", `${join(packageRoot, "sandbox")}:/sandbox:ro`],
    ...[IMAGE, "python3", "-I", "-S", "-c", start],
  ];
}
