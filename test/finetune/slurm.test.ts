import { execFileSync } from "node:child_process";
import { existsSync, mkdtempSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { clusterAsked, jobIn } from "../../finetune/launch/slurm-output.ts";
import { statusOf } from "../../finetune/launch/slurm-states.ts";
import { exportFolder } from "./export-folder.ts";
import { finetuneHome, standIn, until } from "./runs.ts";

const data = exportFolder("m1-32b-lora-4gpu");
const records = mkdtempSync(join(tmpdir(), "boardroom-slurm-"));
const { home, finetune, folderOf, text, has, record } = finetuneHome("slurm");
const run = (args: string[], mode = "queue", env: Record<string, string> = {}) =>
  finetune(args, { SLURM_STAND_IN: records, SLURM_STAND_IN_MODE: mode, ...env });
const launch = (name: string, mode: string, env: Record<string, string> = {}, ...more: string[]) => {
  const recipe = ["--data", data, "--recipe", "m1-32b-lora-4gpu", "--set", "save_strategy=no"];
  const args = [...recipe, "--on", "slurm", "--nodes", "2", "--gpus", "8xH100"];
  return run(["launch", ...args, "--name", name, ...more], mode, env);
};
const recorded = (file: string) => readFileSync(join(records, file), "utf8");
const jobIs = (state: string) => writeFileSync(join(records, "state"), `${state}\n`);
const status = async (name: string) => JSON.parse((await run(["status", name, "--json"])).stdout)[0];

describe("a run of two nodes under Slurm", () => {
  test("is submitted as a script that bash accepts, and goes to the end of the job", async () => {
    const { code, stdout, stderr } = await launch(
      "whole",
      "run",
      { STAND_IN_STEP_MS: "60" },
      "--time",
      "2-00:00:00",
    );
    expect({ code, stdout }, stderr).toEqual({ code: 0, stdout: "whole\n" });
    expect(recorded("sbatch.argv")).toBe("--parsable\njob.sbatch\n");
    expect(recorded("sbatch.cwd")).toBe(`${folderOf("whole")}\n`);
    expect(recorded("sbatch.stdin")).toBe("");
    expect(record("whole").starts[0]?.handle).toEqual({ on: "slurm", job: "4711", cluster: "cluster1" });
    execFileSync("bash", ["-n", join(folderOf("whole"), "job.sbatch")]);
    expect(recorded("script").replaceAll(standIn, "TRAINER")).toMatchInlineSnapshot(`
      "#!/usr/bin/env bash
      #SBATCH --job-name=whole
      #SBATCH --nodes=2
      #SBATCH --ntasks-per-node=1
      #SBATCH --gpus-per-node=8
      #SBATCH --time=2-00:00:00
      #SBATCH --exclusive
      #SBATCH --mem=0
      #SBATCH --output=train.log
      #SBATCH --open-mode=append
      # A preempted job goes back into the queue; LLaMA-Factory goes on from its last checkpoint.
      #SBATCH --requeue
      cd "$SLURM_SUBMIT_DIR" || exit 1
      rm -f exit
      MASTER_ADDR=$(scontrol show hostnames "$SLURM_JOB_NODELIST" | head -n 1)
      # Jobs that share a node must not meet at the same port.
      MASTER_PORT=$((20000 + SLURM_JOB_ID % 20000))
      export MASTER_ADDR MASTER_PORT
      srun --ntasks-per-node=1 bash -c 'FORCE_TORCHRUN=1 NNODES="$SLURM_NNODES" NODE_RANK="$SLURM_PROCID" MASTER_ADDR="$MASTER_ADDR" MASTER_PORT="$MASTER_PORT" NPROC_PER_NODE=8 exec TRAINER train train.yaml'
      code=$?
      echo "$code" > exit.part && mv exit.part exit
      exit "$code"
      "
    `);

    const followed = await run(["follow", "whole"]);
    expect(followed.code, followed.stderr).toBe(0);
    expect(followed.stderr).toMatch(/step 12 of 12 \(100 %\)/);
    expect(followed.stderr).toMatch(/job 4711 finished\.\nexit code 0/);
    expect(text("whole", "exit")).toBe("0\n");
    const seen = [0, 1].map((rank) => JSON.parse(text("whole", `output/seen-by-${rank}.json`)));
    for (const [rank, node] of seen.entries())
      expect(node).toEqual({
        ...{ cwd: folderOf("whole"), FORCE_TORCHRUN: "1", NNODES: "2", NODE_RANK: `${rank}` },
        ...{ MASTER_ADDR: "node1", MASTER_PORT: `${20_000 + 4711}`, NPROC_PER_NODE: "8" },
      });
    expect(await status("whole")).toMatchObject({ state: "done", exitCode: 0, step: 12 });
    expect((await run(["logs", "whole"])).stdout).toContain("Training on 16 rows");
  });

  test("takes further options of sbatch, and whole nodes unless they say which share", async () => {
    await launch("options", "queue", {}, "--sbatch=--partition=gpu", "--sbatch", "--account=us");
    expect(recorded("script")).toMatch(
      /#SBATCH --exclusive\n#SBATCH --mem=0\n#SBATCH --partition=gpu\n#SBATCH --account=us\n/,
    );
    await launch("share", "queue", {}, "--sbatch=--mem-per-gpu=90G", "--sbatch=--partition=gpu");
    expect(recorded("script")).toMatch(/#SBATCH --mem-per-gpu=90G\n#SBATCH --partition=gpu\n/);
    expect(recorded("script")).not.toMatch(/exclusive|--mem=0/);
    const { code, stderr } = await launch("broken", "queue", {}, "--sbatch", "gpu");
    expect({ code, said: /write it as sbatch reads it/.test(stderr) }).toEqual({ code: 2, said: true });
    for (const time of ["1:00\n#SBATCH --account=them", "soon", ""]) {
      const refused = await launch("broken", "queue", {}, "--time", time);
      expect(refused).toMatchObject({ code: 2, stderr: expect.stringMatching(/24:00:00, or 2-00:00:00/) });
    }
  });

  test("that fails shows the trainer's last words", async () => {
    await launch("fails", "run", { STAND_IN: "crash" });
    await until(() => has("fails", "exit") && recorded("state").startsWith("FAILED"));
    const { code, stderr } = await run(["follow", "fails"]);
    expect(code).toBe(1);
    expect(stderr).toMatch(/CUDA out of memory[\s\S]*job \d+ failed with exit code 1\.\nexit code 1/);
  });

  test("that Slurm rejects shows Slurm's own sentence and leaves nothing", async () => {
    const { code, stdout, stderr } = await launch("rejected", "reject");
    expect({ code, stdout, stderr }).toEqual({
      code: 1,
      stdout: "",
      stderr:
        "boardroom: sbatch refused the job: Batch job submission failed: Invalid account or account/partition combination specified.\n",
    });
    expect(existsSync(folderOf("rejected"))).toBe(false);
    expect(readdirSync(join(home, "finetune")).filter((name) => name.startsWith("."))).toEqual([]);
  });

  test("waits, is preempted, times out, and is resumed by the same command", async () => {
    await launch("tossed", "queue");
    expect(await status("tossed")).toMatchObject({
      state: "waiting",
      detail: expect.stringContaining("(Priority)"),
    });
    expect((await launch("tossed", "queue")).stderr).toMatch(/is being trained already/);
    expect(record("tossed").starts).toHaveLength(1);

    jobIs("PENDING|BeginTime|0:0"); // put back into the queue
    expect((await status("tossed")).detail).toMatch(/starts it again in a moment/);
    for (const [state, said] of [
      [
        "PREEMPTED|None|0:0",
        /was preempted by a job of higher priority: resume with the same launch command/,
      ],
      ["TIMEOUT|None|0:0", /reached its time limit: resume with the same launch command/],
    ] as const) {
      jobIs(state);
      expect((await status("tossed")).detail).toMatch(said);
      const followed = await run(["follow", "tossed"]);
      expect(followed.code).toBe(1);
      expect(followed.stderr).toMatch(said);
      expect((await launch("tossed", "queue")).stderr).toMatch(/goes on from its last checkpoint/);
    }
    expect(record("tossed").starts).toHaveLength(3);
    jobIs("NONE"); // nobody knows it any more
    expect((await status("tossed")).detail).toMatch(/does not know job \d+ any more/);
    expect(await launch("tossed", "queue")).toMatchObject({
      code: 1,
      stderr: expect.stringMatching(
        /is not started again while it is not known whether it lives.* Cancel it first\.\n$/,
      ),
    });

    const lost = await run(["status", "tossed", "--json"], "lost");
    expect(JSON.parse(lost.stdout)[0]).toMatchObject({
      state: "unknown",
      detail: "squeue cannot say: slurm_load_jobs error: Unable to contact slurm controller.",
    });
    jobIs("RUNNING|None|0:0");
    const { job } = record("tossed").starts[2]!.handle as { job: string };

    const cancelled = await run(["cancel", "tossed"]);
    expect(cancelled).toMatchObject({ code: 0, stderr: `tossed: job ${job} was cancelled.\n` });
    expect(recorded("scancel.argv")).toBe(`--clusters cluster1 ${job}\n`);
    expect(await status("tossed")).toMatchObject({
      state: "cancelled",
      detail: `job ${job} was cancelled by user 1000.`,
    });
  });

  test("without Slurm there is one sentence", async () => {
    const { code, stderr } = await launch("nowhere", "queue", { PATH: "/usr/bin:/bin" });
    expect({ code, stderr }).toEqual({
      code: 1,
      stderr:
        "boardroom: there is no sbatch here: run this on a login node of the Slurm cluster, or use --on local.\n",
    });
    expect(existsSync(folderOf("nowhere"))).toBe(false);
  });
});

describe("a job that sbatch names among other lines", () => {
  const submissions = () => recorded("submissions").trim().split("\n").length;

  test.each([
    ["a site's banner before it", "*** Welcome to Ridge. Maintenance on 2026-12-01 ***\n\nJOB", undefined],
    ["lines behind it", "JOB\nYour project has 120 GPU hours left.", undefined],
    ["a cluster and a banner", "== Ridge ==\nJOB;cluster1\n== 12 jobs ahead ==", "cluster1"],
    ["a wrapper's own figures before a cluster's job", "120\nJOB;cluster1", "cluster1"],
    ["colours and carriage returns", "\u001b[32mnotice\u001b[0m\r\n\u001b[1mJOB\u001b[0m\r", undefined],
    ["sbatch's words without --parsable", "Submitted batch job JOB on cluster cluster1", "cluster1"],
    ["a banner without a line end", "Welcome!JOB", undefined],
    ["two numbers on lines of their own", "2026\nJOB", undefined],
    ["nothing at all", "", undefined],
  ])("%s: is found, asked for where it is, and cancelled", async (_, says, cluster) => {
    const name = `says-${recorded("last").trim()}`;
    const env = { SLURM_STAND_IN_SAYS: says, SLURM_STAND_IN_BANNER: "*** Welcome to Ridge | since 1999 ***" };
    const { code, stderr } = await launch(name, "queue", env);
    expect(code, stderr).toBe(0);
    const job = recorded("job").trim();
    expect(record(name).starts.map(({ handle }) => handle)).toEqual([
      { on: "slurm", job, ...(cluster && { cluster }) },
    ]);
    const ask = async () => JSON.parse((await run(["status", name, "--json"], "queue", env)).stdout)[0];
    expect(await ask()).toMatchObject({ state: "waiting", detail: expect.stringContaining(`job ${job} `) });
    jobIs("PREEMPTED|None|0:15");
    expect(await ask()).toMatchObject({ state: "stopped" });
    jobIs("RUNNING|None|0:0");
    const cancelled = await run(["cancel", name], "queue", env);
    expect(cancelled.stderr).toBe(`${name}: job ${job} was cancelled.\n`);
    expect(recorded("scancel.argv").trim().split("\n").at(-1)).toBe(
      [...(cluster ? ["--clusters", cluster] : []), job].join(" "),
    );
  });

  test.each([
    ["words without a number", { SLURM_STAND_IN_SAYS: "Thank you for using Ridge." }, /no job number/],
    ["two numbers", { SLURM_STAND_IN_SAYS: "2026\n4000" }, /no job number/],
    ["a time-out after the job was sent", { SLURM_STAND_IN_SAYS: "", SLURM_STAND_IN_EXIT: "1" }, /timed out/],
  ])(
    "%s, and no queue that shows it: is reported with the way to find it, and not submitted again",
    async (_, env, said) => {
      const name = `lost-${recorded("last").trim()}`;
      const first = await launch(name, "unlisted", env);
      expect(first).toMatchObject({ code: 1, stdout: "" });
      expect(first.stderr).toMatch(said);
      expect(first.stderr).toContain(`squeue --me --name=${name}`);
      const before = submissions();
      for (const mode of ["unlisted", "lost"]) {
        const again = await launch(name, mode);
        expect(again).toMatchObject({
          code: 1,
          stderr: expect.stringMatching(/not started again while it is not known whether it lives/),
        });
      }
      expect(submissions()).toBe(before);
      // The queue answers again: it is the run's job.
      const { stdout } = await run(["status", name, "--json"]);
      expect(JSON.parse(stdout)[0]).toMatchObject({ state: "waiting" });
      expect((await launch(name, "queue")).stderr).toMatch(/is being trained already/);
      expect((await run(["cancel", name])).stderr).toBe(
        `${name}: job ${recorded("job").trim()} was cancelled.\n`,
      );
      expect(submissions()).toBe(before);
    },
  );

  test("one that is nowhere can be given up by cancel, and started anew", async () => {
    await launch("gone", "unlisted", { SLURM_STAND_IN_SAYS: "Thank you." });
    const cancelled = await run(["cancel", "gone"], "unlisted");
    expect(cancelled.stderr).toMatch(/the queue shows no job of .*gone, so there was none to cancel/);
    jobIs("NONE");
    expect(await launch("gone", "queue")).toMatchObject({ code: 0, stdout: "gone\n" });
    expect(record("gone").starts).toHaveLength(2);
  });

  test("that a site's program answers after its own time-out is taken by its number", async () => {
    const env = { SLURM_STAND_IN_EXIT: "1" };
    expect(await launch("late", "queue", env)).toMatchObject({ code: 0 });
    expect(record("late").starts[0]?.handle).toMatchObject({ job: recorded("job").trim() });
  });

  test.each([
    ["4711", { job: "4711" }],
    ["4711;ridge-2", { job: "4711", cluster: "ridge-2" }],
    ["x\n4711\n4711", { job: "4711" }],
    ["job 4711", null],
    ["4711 4712", null],
    ["-1", null],
    ["4711;a b", null],
  ])("%j is %o", (stdout, job) => expect(jobIn(stdout)).toEqual(job));

  test.each([
    [["--clusters=ridge"], "ridge"],
    [["--partition=gpu", "-M ridge"], "ridge"],
    [["-Mridge"], "ridge"],
    [["--cluster-constraint=big"], undefined],
  ])("options %j ask for cluster %s", (options, cluster) => expect(clusterAsked(options)).toBe(cluster));
});

describe("each state of a job is one sentence", () => {
  test.each<[Parameters<typeof statusOf>[1], string, string, number | null]>([
    [
      { state: "PENDING", reason: "Resources" },
      "waiting",
      "job 7 waits in the queue: no nodes are free yet (Resources).",
      null,
    ],
    [{ state: "PENDING", reason: "None" }, "waiting", "job 7 waits in the queue.", null],
    [{ state: "PENDING", reason: "(Dependency)" }, "waiting", "job 7 waits in the queue: Dependency.", null],
    [
      { state: "REQUEUED" },
      "waiting",
      "job 7 was put back into the queue and goes on from its last checkpoint.",
      null,
    ],
    [{ state: "RUNNING" }, "running", "job 7 is training.", null],
    [{ state: "COMPLETED", exitCode: "0:0" }, "done", "job 7 finished.", 0],
    [{ state: "FAILED", exitCode: "3:0" }, "failed", "job 7 failed with exit code 3.", 3],
    [{ state: "FAILED", exitCode: "0:9" }, "failed", "job 7 failed by signal 9.", 137],
    [
      { state: "NODE_FAIL", exitCode: "0:0" },
      "stopped",
      "job 7 ended, because a node failed: resume with the same launch command.",
      null,
    ],
    [
      { state: "PREEMPTED", exitCode: "0:15" },
      "stopped",
      "job 7 was preempted by a job of higher priority: resume with the same launch command.",
      null,
    ],
    [{ state: "CANCELLED+", exitCode: "0:15" }, "cancelled", "job 7 was cancelled.", null],
    [{ state: "SOMETHING" }, "unknown", "job 7 is in the state SOMETHING.", null],
  ])("%o", (report, state, detail, exitCode) =>
    expect(statusOf("7", report)).toEqual({ state, detail, exitCode }),
  );

  test.each([
    "TIMEOUT",
    "OUT_OF_MEMORY",
    "OUT_OF_ME+",
    "BOOT_FAIL",
    "DEADLINE",
    "SUSPENDED",
    "CONFIGURING",
    "COMPLETING",
  ])("%s", (state) => {
    const { detail, state: ours } = statusOf("7", { state });
    expect(ours).not.toBe("unknown");
    expect(detail).toMatch(/^job 7 [^.]+(\.[^.]+)*\.$/);
  });
});
