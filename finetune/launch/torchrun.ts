import type { LaunchPlan } from "./launcher.ts";

/** What tells the nodes of a run apart, in shell: values, or expansions where a scheduler fills them in. */
interface Node {
  nodes: string;
  rank: string;
  address: string;
  port: string;
  /** Per node; left out: one for each GPU of the plan. */
  processes?: string;
}

/**
 * `NAME=value` words of the variables by which LLaMA-Factory 0.9.5 starts torchrun (its launcher.py). None without a
 * GPU: it trains in one process. FORCE_TORCHRUN also on one GPU, because DeepSpeed refuses to start otherwise.
 */
export function torchrunVariables({ gpus }: Pick<LaunchPlan, "gpus">, node: Node): string[] {
  if (gpus === 0) return [];
  return [
    "FORCE_TORCHRUN=1",
    `NNODES=${node.nodes}`,
    `NODE_RANK=${node.rank}`,
    `MASTER_ADDR=${node.address}`,
    `MASTER_PORT=${node.port}`,
    `NPROC_PER_NODE=${node.processes ?? gpus}`,
  ];
}
