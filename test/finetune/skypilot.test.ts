import { existsSync, mkdtempSync, readFileSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "vitest";
import { exportFolder } from "./export-folder.ts";
import { finetuneHome } from "./runs.ts";

const data = exportFolder("m1-32b");
const records = mkdtempSync(join(tmpdir(), "boardroom-sky-"));
const { finetune, folderOf, record } = finetuneHome("sky");
const run = (args: string[], env: Record<string, string> = {}) =>
  finetune(args, { SKY_STAND_IN: records, ...env });
const launch = (name: string, env: Record<string, string> = {}) => {
  const args = ["--data", data, "--recipe", "m1-32b", "--on", "skypilot", "--nodes", "2", "--gpu", "H100"];
  return run(["launch", ...args, "--name", name], env);
};
const said = () => readFileSync(join(records, "argv"), "utf8").trim().split("\n").at(-1);
const jobIs = (state: string) => writeFileSync(join(records, "state"), state);
const status = async (name: string) => JSON.parse((await run(["status", name, "--json"])).stdout)[0];

test("a run is launched by a task file, watched, cancelled and found again by SkyPilot's commands", async () => {
  const { code, stdout, stderr } = await launch("cloudy");
  expect({ code, stdout }, stderr).toEqual({ code: 0, stdout: "cloudy\n" });
  expect(said()).toBe("launch -c cloudy sky.yaml -y -d");
  expect(record("cloudy").starts[0]?.handle).toEqual({ on: "skypilot", cluster: "cloudy", job: "3" });
  expect(readFileSync(join(records, "sky.yaml"), "utf8")).toMatchInlineSnapshot(`
    "name: cloudy
    num_nodes: 2
    resources:
      accelerators: H100:8
      disk_size: 1149
    file_mounts:
      ~/finetune/cloudy/data: ./data
      ~/finetune/cloudy/train.yaml: ./train.yaml
      ~/finetune/cloudy/ds_z3_offload_config.json: ./ds_z3_offload_config.json
    setup: |
      python3 -m venv ~/finetune/venv
      source ~/finetune/venv/bin/activate
      pip install accelerate==1.11.0 datasets==4.0.0 peft==0.18.1 transformers==5.6.0 trl==0.24.0 llamafactory==0.9.5
      pip install --no-build-isolation deepspeed==0.18.4 flash-attn==2.8.3
    run: |
      cd ~/finetune/cloudy
      rm -f exit
      source ~/finetune/venv/bin/activate
      export FORCE_TORCHRUN=1
      export NNODES="$SKYPILOT_NUM_NODES"
      export NODE_RANK="$SKYPILOT_NODE_RANK"
      export MASTER_ADDR="$(echo "$SKYPILOT_NODE_IPS" | head -n 1)"
      export MASTER_PORT=29500
      export NPROC_PER_NODE="$SKYPILOT_NUM_GPUS_PER_NODE"
      llamafactory-cli train train.yaml
      code=$?
      echo "$code" > exit.part && mv exit.part exit
      exit "$code"
    "
  `);

  for (const [state, ours] of Object.entries({ SETTING_UP: "waiting", RUNNING: "running" })) {
    jobIs(state);
    expect(await status("cloudy")).toMatchObject({ state: ours });
  }
  expect(said()).toBe("queue cloudy");
  expect((await launch("cloudy")).stderr).toMatch(/is being trained already/);
  expect((await run(["logs", "cloudy"])).stdout).toContain("(task) step 1");
  expect(said()).toBe("logs cloudy 3 --no-follow");

  expect((await run(["cancel", "cloudy"])).stderr).toMatch(/still costs money .* `sky down cloudy` ends it/);
  expect(readFileSync(join(records, "argv"), "utf8")).toContain("cancel cloudy 3 -y");
  expect(await status("cloudy")).toMatchObject({ state: "cancelled" });

  jobIs("SUCCEEDED");
  const followed = await run(["follow", "cloudy"]);
  expect(followed.code).toBe(0);
  expect(followed.stderr).toBe("(task) step 1\njob 3 on cloudy finished.\n");
});

test("a cluster that cannot be had is SkyPilot's own sentence, and leaves nothing", async () => {
  const { code, stderr } = await launch("none", { SKY_STAND_IN_MODE: "fail" });
  expect(code).toBe(1);
  expect(stderr).toMatch(
    /boardroom: sky launch failed: .*Failed to provision all possible launchable resources\.\n$/,
  );
  expect(existsSync(folderOf("none"))).toBe(false);
});

test("without SkyPilot there is one sentence", async () => {
  const { code, stderr } = await launch("none", { PATH: "/usr/bin:/bin" });
  expect({ code, stderr }).toEqual({
    code: 1,
    stderr:
      "boardroom: SkyPilot is not installed: pip install skypilot, then sky check, then launch again.\n",
  });
});
