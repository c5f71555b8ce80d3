// Builds the page into dist/, or the folder named: bundles, what is copied as it is, and each of them compressed.
import { build } from "esbuild";
import { cpSync, mkdirSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { extname, join } from "node:path";
import { brotliCompressSync, constants, gzipSync } from "node:zlib";

const [OUT = "dist"] = process.argv.slice(2);
/** Formats that are compressed in themselves do not get smaller. */
const TEXTS = [".html", ".js", ".css", ".svg", ".webmanifest"];

const options = {
  bundle: true,
  minify: true,
  target: "es2021",
  charset: "utf8",
  outdir: OUT,
  logLevel: "warning",
};

rmSync(OUT, { recursive: true, force: true });
mkdirSync(OUT, { recursive: true });
// What is imported only when it is needed becomes a chunk, named after its content so that it may be kept for ever.
await build({
  ...options,
  entryPoints: { app: "src/main.ts", style: "css/style.css" },
  format: "esm",
  splitting: true,
  chunkNames: "assets/[name]-[hash]",
});
await build({ ...options, entryPoints: { docs: "src/docs/docs.ts" }, format: "esm" });
// It blocks the first paint: a classic script.
await build({ ...options, entryPoints: { theme: "src/theme.ts" }, format: "iife" });
for (const page of ["index.html", "docs.html"]) cpSync(page, join(OUT, page));
cpSync("static", OUT, { recursive: true });

for (const file of filesIn(OUT)) {
  if (!TEXTS.includes(extname(file))) continue;
  const content = readFileSync(file);
  const quality = { [constants.BROTLI_PARAM_QUALITY]: constants.BROTLI_MAX_QUALITY };
  keepIfSmaller(`${file}.br`, brotliCompressSync(content, { params: quality }), content);
  keepIfSmaller(`${file}.gz`, gzipSync(content, { level: 9 }), content);
}

function filesIn(folder) {
  return readdirSync(folder).flatMap((name) => {
    const path = join(folder, name);
    return statSync(path).isDirectory() ? filesIn(path) : [path];
  });
}

function keepIfSmaller(file, compressed, content) {
  if (compressed.length < content.length) writeFileSync(file, compressed);
}
