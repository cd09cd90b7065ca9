import { readdirSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { membersOf } from "../../finetune/launch/processes.ts";
import { exportFolder } from "./export-folder.ts";
import { blank, say } from "./rows.ts";
import { finetuneHome, standIn, until } from "./runs.ts";

const data = exportFolder();
const { home, folderOf, command, finetune, text, has, record } = finetuneHome("bin");
const launch = (name: string, env: Record<string, string> = {}, ...more: string[]) =>
  finetune(["launch", ...small, "--name", name, ...more], env);
const small = ["--data", data, "--recipe", "cpu-smoke", "--set", "save_steps=5"];
const logged = (run: string) =>
  has(run, "output/trainer_log.jsonl") ? text(run, "output/trainer_log.jsonl").split("\n").length - 1 : 0;
const leader = (run: string) => {
  const handle = record(run).starts.at(-1)!.handle;
  if (handle.on !== "local") throw new Error("not local");
  return handle;
};
const statusOf = async (run: string) => JSON.parse((await finetune(["status", run, "--json"])).stdout)[0];
const slow = { STAND_IN_STEPS: "40", STAND_IN_STEP_MS: "100" };

describe("a run on this machine", () => {
  test("is launched, outlives its launcher, is followed to the end, and is not trained twice", {
    timeout: 90_000,
  }, async () => {
    const launched = await command(["launch", ...small, "--name", "good"], {
      STAND_IN: "half",
      STAND_IN_STEP_MS: "100",
    });
    expect(launched).toMatchObject({ code: 0, stdout: "good\n" });
    const { pid } = leader("good");
    const [first] = membersOf(leader("good"));
    expect(first).toMatchObject({ pid, group: pid });
    expect(readdirSync(folderOf("good"))).toEqual(
      expect.arrayContaining(["data", "run.json", "run.sh", "train.log", "train.yaml"]),
    );

    const followed = await command(["follow", "good"]);
    expect(followed.code, followed.stderr).toBe(0);
    expect(followed.stderr).toMatch(
      /step 12 of 12 \(100 %\) · loss 0\.6649 · eval loss 0\.7149 at step 12 · 123 tokens\/s/,
    );
    expect(followed.stderr).toMatch(/finished\.\nexit code 0\n/);
    expect(text("good", "exit")).toBe("0\n");
    expect(text("good", "loss.svg")).toContain("<polyline");

    expect(await statusOf("good")).toMatchObject({
      state: "done",
      exitCode: 0,
      step: 12,
      totalSteps: 12,
      starts: 1,
    });
    const again = await launch("good");
    expect(again).toMatchObject({ code: 0, stdout: "good\n" });
    expect(again.stderr).toMatch(/has finished already/);
    expect(record("good").starts).toHaveLength(1);
    expect((await finetune(["logs", "good"])).stdout).toContain("Training on 16 rows");
  });

  test("has the files and the command that finetune plan shows", async () => {
    const args = [...small, "--name", "planned"];
    const { files, commands } = JSON.parse((await finetune(["plan", ...args, "--json"])).stdout);
    await finetune(["launch", ...args]);
    expect(Object.keys(files)).toEqual(expect.arrayContaining(["train.yaml", "run.sh"]));
    for (const [name, content] of Object.entries(files)) expect(text("planned", name)).toBe(content);
    expect(commands).toEqual(["bash run.sh"]);
  });

  test("that was killed goes on from its checkpoint by the same command, and one that lives is left alone", {
    timeout: 90_000,
  }, async () => {
    const start = () => command(["launch", ...small, "--name", "killed"], slow);
    const [one, two] = await Promise.all([start(), start()]);
    // Two at once: one starts it, the other sees it or is told to wait.
    expect([one.code, two.code].sort()).toEqual(one.code === two.code ? [0, 0] : [0, 1]);
    expect(record("killed").starts).toHaveLength(1);
    await until(() => has("killed", "output/checkpoint-5/trainer_state.json") && logged("killed") > 8);
    const alive = await launch("killed", slow);
    expect(alive.stderr).toMatch(/is being trained already/);
    expect(record("killed").starts).toHaveLength(1);

    process.kill(-leader("killed").pid, "SIGKILL");
    await until(() => membersOf(leader("killed")).length === 0);
    const dead = await statusOf("killed");
    expect(dead).toMatchObject({ state: "stopped", exitCode: null });
    expect(dead.detail).toMatch(/gone without an exit code/);
    expect((await finetune(["follow", "killed"])).code).toBe(1);

    const resumed = await launch("killed", { STAND_IN_STEPS: "40" }, "--resume");
    expect(resumed.stderr).toMatch(/goes on from its last checkpoint/);
    const followed = await finetune(["follow", "killed"]);
    expect(followed.code, followed.stderr).toBe(0);
    expect(followed.stderr).toMatch(/step 40 of 40 .* resumed once/);
    expect(text("killed", "train.log")).toMatch(/Training on 16 rows[\s\S]*Resuming from checkpoint-\d+/);
    expect(record("killed").starts).toHaveLength(2);
  });

  test("that fails shows the trainer's last words, and the exit code is 1", async () => {
    await launch("crash", { STAND_IN: "crash" });
    const { code, stderr } = await finetune(["follow", "crash"]);
    expect(code).toBe(1);
    expect(stderr).toMatch(
      /The trainer's last words:\n {2}Traceback[\s\S]*torch\.OutOfMemoryError: CUDA out of memory/,
    );
    expect(stderr).toMatch(/the trainer failed with exit code 1\.\nexit code 1\n/);
    expect(stderr).not.toContain("8%|");
    // Mended, the same command goes on.
    await launch("crash", { STAND_IN_STEP_MS: "50" });
    expect((await finetune(["logs", "crash", "-f"])).stdout).toMatch(/Traceback[\s\S]*train metrics/);
    expect((await finetune(["follow", "crash"])).code).toBe(0);
  });

  test("is cancelled with all its processes, says so, and can be resumed", async () => {
    await launch("cancelled", slow);
    await until(() => logged("cancelled") > 1);
    const members = membersOf(leader("cancelled"));
    expect(members.length).toBeGreaterThan(1);
    const { code, stderr } = await finetune(["cancel", "cancelled"]);
    expect({ code, stderr }).toEqual({
      code: 0,
      stderr: "cancelled: the trainer and its processes have ended.\n",
    });
    expect(membersOf(leader("cancelled"))).toEqual([]);
    expect(await statusOf("cancelled")).toMatchObject({ state: "cancelled", exitCode: 143 });
    expect((await finetune(["cancel", "cancelled"])).stderr).toMatch(/is not running/);
    expect((await launch("cancelled", { STAND_IN_STEPS: "6" })).stderr).toMatch(/goes on/);
    expect((await finetune(["follow", "cancelled"])).code).toBe(0);
  });

  test("whose shell alone was killed still lives, and is ended whole", async () => {
    await launch("orphan", slow);
    await until(() => logged("orphan") > 1);
    process.kill(leader("orphan").pid, "SIGKILL");
    await until(() => membersOf(leader("orphan"))[0]?.pid !== leader("orphan").pid);
    expect(await statusOf("orphan")).toMatchObject({ state: "running" });
    expect((await launch("orphan", slow)).stderr).toMatch(/is being trained already/);
    expect((await finetune(["cancel", "orphan"])).stderr).toMatch(/have ended/);
    expect(membersOf(leader("orphan"))).toEqual([]);
    expect(await statusOf("orphan")).toMatchObject({ state: "cancelled" });
  });

  test("whose pid belongs to another process by now is not taken for alive", async () => {
    await launch("reused");
    await until(() => has("reused", "exit"));
    rmSync(join(folderOf("reused"), "exit"));
    const run = record("reused");
    run.starts[0]!.handle = { on: "local", pid: process.pid, started: "another boot 1" };
    writeFileSync(join(folderOf("reused"), "run.json"), JSON.stringify(run));
    expect(await statusOf("reused")).toMatchObject({ state: "stopped" });
  });

  test.each([
    ["nan", /WARNING {2}the loss is NaN since step 5/],
    ["zero", /WARNING {2}the loss fell from .* to exactly 0 at step 5/],
    ["diverge", /WARNING {2}the loss diverges: the last 5 logged losses/],
  ])("that goes wrong (%s) is reported loudly, by status too", async (mode, said) => {
    await launch(mode, { STAND_IN: mode });
    expect((await finetune(["follow", mode])).stderr).toMatch(said);
    expect((await statusOf(mode)).troubles[0]).toMatch(/^the loss/);
  });

  test("from rows that are not exported yet trains on what finetune export makes of them", async () => {
    const rows = join(home, "rows.jsonl");
    const row = (i: number) => {
      const prompt = [{ role: "user" as const, content: `What is ${i} and 1?` }];
      return say(blank(`What is ${i} and 1?`, `row-${i}`), "solve", prompt, i < 4 ? `${i + 1}` : "");
    };
    writeFileSync(rows, [1, 2, 3, 4].map((i) => `${JSON.stringify(row(i))}\n`).join(""));
    const ended = await finetune(["launch", "--data", rows, "--recipe", "cpu-smoke", "--name", "from-rows"]);
    expect(ended.stdout, ended.stderr).toBe("from-rows\n");
    expect(ended.stderr).toMatch(/^rejected: 1 empty target \(data\/rejects\.jsonl/m);
    expect((await finetune(["follow", "from-rows"])).code).toBe(0);
    const { recipe, samples } = JSON.parse(text("from-rows", "data/manifest.json"));
    expect({ recipe, all: samples.train + samples.validation }).toEqual({ recipe: "cpu-smoke", all: 3 });
    expect(text("from-rows", "train.log")).toContain(`Training on ${samples.train} rows`);
  });

  test("on two GPUs is started by torchrun's variables; without a name it is named after its configuration", async () => {
    const gpuData = exportFolder("m1-32b-lora-4gpu");
    const args = [
      "launch",
      "--data",
      gpuData,
      "--recipe",
      "m1-32b-lora-4gpu",
      "--gpus",
      "2",
      "--port",
      "29517",
      "--set",
      "save_strategy=no",
    ];
    const { stdout, stderr } = await finetune(args);
    expect(stdout, stderr).toMatch(/^m1-32b-lora-4gpu-[0-9a-f]{8}\n$/);
    const run = stdout.trim();
    expect((await finetune(["follow", run])).code).toBe(0);
    expect(JSON.parse(text(run, "output/seen-by-0.json"))).toEqual({
      ...{ cwd: folderOf(run), FORCE_TORCHRUN: "1", NNODES: "1", NODE_RANK: "0" },
      ...{ MASTER_ADDR: "127.0.0.1", MASTER_PORT: "29517", NPROC_PER_NODE: "2" },
    });
    expect(has(run, "ds_z3_config.json")).toBe(true);
    expect((await finetune(args)).stdout).toBe(stdout);

    // The second of two machines without a scheduler: the user says which it is.
    const node = { NODE_RANK: "1", MASTER_ADDR: "10.0.0.1" };
    const second = await finetune([...args, "--nodes", "2", "--name", "second"], node);
    expect(second.stdout, second.stderr).toBe("second\n");
    await until(() => has("second", "exit"));
    expect(JSON.parse(text("second", "output/seen-by-1.json"))).toMatchObject({ ...node, NNODES: "2" });
  });
});

describe("bad input gets one sentence and leaves nothing", () => {
  const gpu = exportFolder("m1-32b-lora-4gpu");
  const large = ["--data", gpu, "--recipe", "m1-32b-lora-4gpu", "--set", "save_strategy=no"];
  test.each<[string, string[], RegExp, Record<string, string>?]>([
    [
      "an unknown recipe",
      ["launch", "--data", data, "--recipe", "m1-33b"],
      /there is no recipe m1-33b: did you mean m1-32b\?/,
    ],
    [
      "an unknown argument",
      ["launch", ...small, "--set", "learning_rat=1"],
      /no argument learning_rat: did you mean learning_rate/,
    ],
    ["a missing dataset", ["launch", "--data", "/nowhere/rows", "--recipe", "cpu-smoke"], /\/nowhere\/rows/],
    ["a form for rows that have theirs", ["launch", ...small, "--cutoff", "100"], /--cutoff comes too late/],
    ["no GPUs", ["launch", ...large, "--gpus", "0"], /--gpus 0 is none/],
    ["no GPUs for the CPU", ["launch", ...small, "--gpus", "0"], /--gpus 0 is none/],
    ["GPUs for the CPU", ["launch", ...small, "--gpus", "1"], /trains on the CPU: leave --gpus out/],
    ["no nodes", ["launch", ...large, "--nodes", "0"], /at least one node/],
    ["half a GPU", ["launch", ...large, "--gpus", "0.5"], /--gpus takes a number and a kind/],
    [
      "too many GPUs",
      ["launch", ...large, "--gpus", "3"],
      /--gpus 3 asks for more than the 2 this machine has/,
    ],
    ["no GPU here", ["launch", ...large], /shows no NVIDIA GPU/, { STAND_IN_GPUS: "0" }],
    [
      "several nodes without their names",
      ["launch", ...large, "--nodes", "2", "--gpus", "2"],
      /NODE_RANK .* MASTER_ADDR/,
    ],
    [
      "a disk too small",
      [
        "launch",
        ...small,
        "--set",
        "save_steps=1",
        "--set",
        "max_steps=100000000",
        "--set",
        "save_total_limit=null",
      ],
      /about [\d,]+ GB of checkpoints and weights, and .* are free in .*: --set save_total_limit=1; or --set save_only/,
    ],
    [
      "no trainer",
      ["launch", ...small, "--trainer", "/nowhere/llamafactory-cli"],
      /there is no trainer \/nowhere\/llamafactory-cli/,
    ],
    [
      "rows for another recipe",
      ["launch", "--data", gpu, "--recipe", "cpu-smoke"],
      /exported for template qwen/,
    ],
    [
      "nothing to resume",
      ["launch", ...small, "--name", "none", "--resume"],
      /there is no run none to resume/,
    ],
    ["a name that is a path", ["launch", ...small, "--name", "../up"], /cannot name a run/],
    ["a folder of another kind", ["launch", ...small, "--name", "bases"], /cannot name a run/],
    ["an unknown place", ["launch", ...small, "--on", "moon"], /Allowed choices are local, slurm, skypilot/],
    ["an unknown run", ["follow", "nobody"], /there is no run nobody/],
    ["an unknown run's status", ["status", "nobody"], /there is no run nobody/],
    ["an unknown run's logs", ["logs", "nobody"], /there is no run nobody/],
    ["an unknown run to cancel", ["cancel", "nobody"], /there is no run nobody/],
  ])("%s", async (_, args, sentence, env) => {
    const before = readdirSync(join(home, "finetune")).sort();
    const { code, stdout, stderr } = await finetune(args, env);
    expect(stderr).toMatch(sentence);
    expect(stderr).not.toMatch(/\n\s+at /);
    expect({ code, stdout }).toEqual({ code: 2, stdout: "" });
    expect(readdirSync(join(home, "finetune")).sort()).toEqual(before);
  });

  test("a name that another configuration has", async () => {
    const before = text("good", "run.json");
    const other = await launch("good", {}, "--set", "learning_rate=2e-5");
    expect(other.code).toBe(2);
    expect(other.stderr).toMatch(
      /run good is there with another configuration \(learning_rate: [\d.]+, not learning_rate: 0\.00002\): choose another --name/,
    );
    const rows = await finetune([
      "launch",
      "--data",
      exportFolder("cpu-smoke", "others"),
      "--recipe",
      "cpu-smoke",
      "--name",
      "good",
    ]);
    expect(rows.stderr).toMatch(/\(other rows\)/);
    expect(text("good", "run.json")).toBe(before);
  });

  test("rows that were changed after their export", async () => {
    const folder = exportFolder();
    writeFileSync(join(folder, "train.jsonl"), "{}\n");
    const { code, stderr } = await finetune(["launch", "--data", folder, "--recipe", "cpu-smoke"]);
    expect({ code, said: /was changed after its export/.test(stderr) }).toEqual({ code: 2, said: true });
  });

  test("a port where something listens", async () => {
    const server = createServer().listen(0, "127.0.0.1");
    await new Promise((done) => server.once("listening", done));
    const { port } = server.address() as { port: number };
    const { code, stderr } = await finetune([
      "launch",
      ...large,
      "--gpus",
      "2",
      "--name",
      "port",
      "--port",
      `${port}`,
    ]);
    server.close();
    expect({ code, stderr }).toEqual({
      code: 2,
      stderr: `boardroom: port ${port}, where the processes of the run would meet, is taken: choose another with --port.\n`,
    });
  });
});

test("status lists all runs, for people and for programs", async () => {
  const { stdout } = await finetune(["status"]);
  expect(stdout).toMatch(/^run +on +state +progress\n/);
  expect(stdout).toMatch(/good +local +done +step 12 of 12/);
  const rows = JSON.parse((await finetune(["status", "--json"])).stdout);
  expect(rows.length).toBeGreaterThan(5);
  expect(rows.map(({ run }: { run: string }) => run)).toContain("nan");
  expect(standIn).toMatch(/stand-in/);
});

describe("a run's record that cannot be read", () => {
  const recordOf = (run: string) => join(folderOf(run), "run.json");
  const broken: [string, (run: string) => void, RegExp][] = [
    ["empty", (run) => writeFileSync(recordOf(run), ""), /run\.json is empty\. /],
    [
      "cut",
      (run) => writeFileSync(recordOf(run), text(run, "run.json").slice(0, -40)),
      /run\.json is cut or damaged: it is no JSON\. /,
    ],
    [
      "of another program",
      (run) => writeFileSync(recordOf(run), '{"run": {"id": 7}}'),
      /run\.json is not what finetune launch writes \(format: /,
    ],
    [
      "of another run",
      (run) => writeFileSync(recordOf(run), text(run, "run.json").replace(`"${run}"`, '"other"')),
      /run\.json is of another run, other\. /,
    ],
    ["not there", (run) => rmSync(recordOf(run)), /has no run\.json, so it cannot be gone on with: /],
  ];

  test.each(broken)(
    "%s: is named with what can be done, and nothing is started",
    {
      timeout: 30_000,
    },
    async (what, damage, said) => {
      const name = `broken-${what.replaceAll(" ", "-")}`;
      await launch(name);
      await until(() => has(name, "exit"));
      damage(name);
      const before = readdirSync(folderOf(name)).sort();
      const again = await launch(name);
      expect(again).toMatchObject({ stdout: "", stderr: expect.stringMatching(said) });
      expect(again.code).toBeGreaterThan(0);
      expect(again.stderr).toMatch(/^boardroom: [^\n]*move the folder away[^\n]*\n$/);
      expect(readdirSync(folderOf(name)).sort()).toEqual(before);
    },
  );

  test("does not keep the others from the list", async () => {
    const rows = JSON.parse((await finetune(["status", "--json"])).stdout);
    expect(rows).toContainEqual(expect.objectContaining({ run: "good", state: "done" }));
    expect(rows).toContainEqual(
      expect.objectContaining({
        run: "broken-cut",
        state: "unknown",
        detail: expect.stringMatching(/it is no JSON/),
      }),
    );
  });
});
