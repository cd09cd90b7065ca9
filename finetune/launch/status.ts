import type { Status } from "./launcher.ts";
import { latestStart, launchers } from "./launchers.ts";
import type { Run } from "./run.ts";

/** How a run stands. One that the user cancelled is called so, whatever its trainer made of it. */
export async function statusOfRun(run: Run): Promise<Status> {
  const start = latestStart(run);
  if (!start)
    return {
      state: "stopped",
      detail: "it was never started: the same launch command starts it.",
      exitCode: null,
    };
  const status = await launchers[start.handle.on].status(start);
  if (run.cancelled && ["stopped", "failed", "unknown"].includes(status.state))
    return { ...status, state: "cancelled", detail: "cancelled: the same launch command resumes it." };
  return status;
}
