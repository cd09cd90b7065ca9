/**
 * Runs Python that nobody vouches for, within limits of time, memory, output and disk: in Linux namespaces without network,
 * host files or new processes (`process`), and only where asked for in WebAssembly (`pyodide`) or a container (`docker`).
 * A program that fails, hangs or is refused is an outcome and no error. It is not a virtual machine: a flaw of the kernel
 * would let it out.
 */

export {
  type Backend,
  type Check,
  type CheckOutcome,
  type Choice,
  defaultLimits,
  type Limits,
  type Outcome,
  type Program,
  type Verdict,
} from "./outcome.ts";
export { type PoolOptions, type Probe, type Sandbox, sandbox, sandboxPool } from "./pool.ts";
