import { createHash } from "node:crypto";
import { dirname, join, relative } from "node:path";
import { fileURLToPath } from "node:url";
import { build } from "vite";

const web = dirname(fileURLToPath(import.meta.url));
const root = dirname(web);

/** What a page with its data inside may do: run its own script. No request leaves it. */
const policyOf = (script) =>
  [
    "default-src 'none'",
    `script-src 'sha256-${createHash("sha256").update(script).digest("base64")}'`,
    "style-src 'unsafe-inline'",
    "img-src data:",
  ].join("; ");

/** Puts a page's script and style into the page itself. */
const oneFile = (name) => ({
  name: "one-file",
  enforce: "post",
  generateBundle(_options, bundle) {
    const outputs = Object.values(bundle);
    const page = outputs.find(({ fileName }) => fileName.endsWith(".html"));
    const script = outputs.find(({ type }) => type === "chunk");
    const styles = outputs.filter(({ fileName }) => fileName.endsWith(".css"));
    const code = script.code.replaceAll("</script", "<\\/script").replaceAll("<!--", "<\\!--");
    const policy = `<meta http-equiv="Content-Security-Policy" content="${policyOf(code)}">`;
    page.source = page.source
      .replace(/\s*<script type="module"[^>]*src=[^>]*><\/script>/, "")
      .replace(/\s*<link rel="stylesheet"[^>]*>/g, "")
      .replace('<meta charset="utf-8" />', () => `<meta charset="utf-8">${policy}`)
      .replace("</head>", () => `${styles.map(({ source }) => `<style>${source}</style>`).join("")}</head>`)
      .replace("</body>", () => `<script type="module" async>${code}</script></body>`);
    for (const { fileName } of [script, ...styles]) delete bundle[fileName];
    page.fileName = `${name}.html`;
  },
});

/** A page may run what is in web/ and the views of a state; of other rooms it takes types alone. */
const onlyViews = {
  name: "only-views",
  generateBundle(_options, bundle) {
    const modules = Object.values(bundle).flatMap((output) => Object.entries(output.modules ?? {}));
    for (const [id, { renderedLength }] of modules) {
      const path = relative(root, id);
      if (renderedLength === 0 || /^(web|state|node_modules)[\\/]|^\.\.|\0/.test(path)) continue;
      this.error(
        `${path} would run in a page: web/ may import values from state/ alone, types from anywhere.`,
      );
    }
  },
};

/** What a page does not call is left out: schemas in state/, and what the server's client imports besides. */
const treeshake = {
  manualPureFunctions: ["z", "withLangGraph"],
  moduleSideEffects: [{ test: /node_modules\/(@langchain|langsmith|zod)\//, sideEffects: false }],
};

/** Builds one page: `live` as a folder of files that a server serves, the others as one file each. */
function buildPage(name, outDir) {
  const served = name === "live";
  return build({
    root: join(web, name),
    configFile: false,
    logLevel: "warn",
    base: served ? "/web/" : "./",
    plugins: served ? [onlyViews] : [onlyViews, oneFile(name)],
    build: {
      outDir: served ? join(outDir, "live") : outDir,
      emptyOutDir: false,
      target: "es2023",
      modulePreload: false,
      chunkSizeWarningLimit: 2_000,
      reportCompressedSize: false,
      rolldownOptions: {
        treeshake,
        // "use client" means nothing to a bundle.
        checks: { moduleLevelDirective: false, pluginTimings: false },
        ...(!served && { output: { codeSplitting: false } }),
      },
    },
  });
}

process.env.NODE_ENV = "production"; // a test that has the package built says otherwise, and would get React's development build
const outDir = process.argv[2] ?? join(root, "dist", "web");
await Promise.all(["live", "report", "dataset"].map((name) => buildPage(name, outDir)));
