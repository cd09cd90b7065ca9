import { execFile, spawn } from "node:child_process";
import { randomUUID } from "node:crypto";
import { join } from "node:path";
import { promisify } from "node:util";
import { packageRoot } from "../paths.ts";
import type { Engine } from "./engine.ts";
import type { Limits } from "./outcome.ts";
import { pairEngine, type Role, roleProcess } from "./pair.ts";

const IMAGE = "python:3.13-slim";

/** A container per process, by the `docker` command (or any that takes its arguments, such as podman's). */
export function dockerEngine(command = "docker"): Engine {
  const usable = async () => {
    const { stdout } = await promisify(execFile)(command, ["version", "--format", "{{.Server.Version}}"]);
    return `a container of ${IMAGE} without network or rights, server ${stdout.trim()}`;
  };
  return pairEngine("docker", usable, async (role, { limits }) => {
    const name = `boardroom-${randomUUID()}`;
    const child = spawn(command, containerArguments(role, limits, name), { stdio: "pipe" });
    let killed = false;
    return roleProcess(child, () => {
      if (killed || child.exitCode !== null) return;
      killed = true;
      spawn(command, ["kill", name], { stdio: "ignore" }).on("error", () => child.kill());
    });
  });
}

function containerArguments(role: Role, limits: Limits, name: string): string[] {
  const start = `import sys; sys.path.insert(0, "/sandbox"); import judge; judge.start("${role}")`;
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
