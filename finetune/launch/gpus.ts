import { execa } from "execa";

/** How many NVIDIA GPUs this machine has; 0 also where there is no driver. */
export async function gpusHere(): Promise<number> {
  const { stdout, failed } = await execa("nvidia-smi", ["--list-gpus"], {
    reject: false,
    stdin: "ignore",
    timeout: 20_000,
  });
  return failed || typeof stdout !== "string"
    ? 0
    : stdout.split("\n").filter((line) => line.startsWith("GPU ")).length;
}
