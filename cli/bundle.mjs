import { readFile } from "node:fs/promises";
import { dirname } from "node:path";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";

const root = dirname(dirname(fileURLToPath(import.meta.url)));

/** What is imported by its path in dist: the command, the library's parts, and what langgraph.json names. */
const entryPoints = [
  "cli/main.ts",
  "cli/studio/app.ts",
  "index.ts",
  "answers/answer.ts",
  "sandbox/index.ts",
  "datasets/index.ts",
  "tracing/local/index.ts",
  "graphs/index.ts",
  "graphs/ceo.ts",
  "graphs/team.ts",
  "graphs/vote.ts",
  "graphs/solo.ts",
];

/**
 * Small packages of many files that commands need before they do anything: they go into the bundle, which halves the time to
 * load them. All others stay packages, above all those of which a process must have one copy (@langchain, langsmith).
 */
const inlined = [
  "@hono/node-server",
  "@huggingface/tokenizers",
  "commander",
  "diff",
  "eventsource-parser",
  "execa",
  "fastest-levenshtein",
  "hono",
  "hyparquet",
  "hyparquet-compressors",
  "hyparquet-writer",
  "jsonrepair",
  "liquidjs",
  "ora",
  "proper-lockfile",
  "stemmer",
  "yaml",
  "zod",
];

const packages = {
  name: "packages",
  setup({ onResolve }) {
    onResolve({ filter: /^[^./]/ }, ({ path, kind, importer }) => {
      if (kind === "entry-point" || /[\\/]node_modules[\\/]/.test(importer)) return undefined;
      const [name] = /^(@[^/]+\/)?[^/]+/.exec(path);
      return inlined.includes(name) ? undefined : { path, external: true, sideEffects: false };
    });
  },
};

/** `z` as a namespace, of which what is not used is left out: its error messages in 50 languages are half of zod. */
const zodInParts = {
  name: "zod-in-parts",
  setup({ onLoad }) {
    onLoad({ filter: /\.ts$/ }, async ({ path }) => ({
      contents: (await readFile(path, "utf8")).replace(
        'import { z } from "zod";',
        'import * as z from "zod";',
      ),
      loader: "ts",
    }));
  },
};

/** Bundled packages that are CommonJS ask for Node's own modules by `require`. */
const require =
  'import { createRequire as makeRequire } from "node:module"; const require = makeRequire(import.meta.url);';

const outdir = process.argv[2];
await build({
  absWorkingDir: root,
  entryPoints,
  outbase: root,
  outdir,
  bundle: true,
  splitting: true,
  chunkNames: "chunks/[name]-[hash]",
  format: "esm",
  platform: "node",
  target: "node20",
  sourcemap: true,
  banner: { js: require },
  plugins: [packages, zodInParts],
  logLevel: "warning",
});
