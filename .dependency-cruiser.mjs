/**
 * The arrows of ARCHITECTURE.md, checked by `npm test`: which room may import from which, that no cycle exists, and that
 * a node imports no other node. Every room may use `paths.ts`, `secrets.ts` and `files/`. Nothing imports web/; what web/
 * takes from other rooms is checked by its build (web/build.mjs), as this tool cannot read JSX.
 */
const mayImport = {
  answers: [],
  files: [],
  prompts: [],
  sandbox: ["answers"],
  models: ["answers", "prompts"],
  state: ["answers", "models", "prompts"],
  nodes: ["answers", "models", "prompts", "sandbox", "state"],
  graphs: ["nodes", "state"],
  runtime: ["answers", "graphs", "models", "nodes", "prompts", "state"],
  benchmarks: ["answers", "models", "sandbox", "state"],
  tracing: ["state"],
  evals: ["answers", "benchmarks", "models", "prompts", "runtime", "sandbox", "state", "tracing"],
  datasets: ["answers", "benchmarks", "evals", "models", "nodes", "prompts", "state", "tracing"],
  finetune: ["answers", "benchmarks", "datasets", "evals", "models", "nodes", "prompts", "state"],
};
const everywhere = ["files/", "paths\\.ts$", "secrets\\.ts$"];
const nodes = "^nodes/(ceo|recruit|discuss|solve|critique|execute|evaluate|conclude|plan|human)\\.ts$";
const rooms = [...Object.keys(mayImport), "web"].join("|");

export default {
  forbidden: [
    { name: "no-cycle", severity: "error", from: {}, to: { circular: true } },
    { name: "no-node-imports-a-node", severity: "error", from: { path: nodes }, to: { path: nodes } },
    ...Object.entries(mayImport).map(([room, others]) => ({
      name: `${room}-imports-only-what-is-below-it`,
      severity: "error",
      from: { path: `^${room}/`, pathNot: "\\.eval\\.ts$|vitest\\.config\\.ts$" },
      to: {
        path: `^(${rooms}|cli|index\\.ts)`,
        pathNot: [room, ...others].map((one) => `^${one}/`).concat(everywhere.map((one) => `^${one}`)),
      },
    })),
    {
      name: "the-client-of-servers-is-loaded-when-one-is-asked",
      comment: "It takes a quarter of a second: no command that asks no server waits for it.",
      severity: "error",
      from: { pathNot: "^(test/|dist/|models/(openai|reply/chat-completion)\\.ts$)" },
      to: {
        path: "^models/openai\\.ts$|^node_modules/@langchain/openai/",
        dependencyTypesNot: ["dynamic-import", "type-only"],
      },
    },
    {
      name: "no-test-in-the-product",
      severity: "error",
      from: { path: `^(${rooms}|cli|index\\.ts)` },
      to: { path: "^test/" },
    },
  ],
  options: {
    doNotFollow: { path: "node_modules" },
    // dependency-cruiser reads TypeScript with the compiler only up to its version 6.
    parser: "swc",
    tsPreCompilationDeps: true,
    moduleSystems: ["es6"],
  },
};
