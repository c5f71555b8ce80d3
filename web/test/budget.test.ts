import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { existsSync, readFileSync, statSync } from "node:fs";
import { posix } from "node:path";
import { test } from "node:test";

const BUILT = "node_modules/.test/page";
const MOST_BYTES = 60 * 1024;

test("what the page needs before it shows stays within 60 KB of brotli", () => {
  execFileSync("node", ["build.mjs", BUILT]);
  const files = ["index.html", "theme.js", "style.css", ...withImports("app.js")];
  const sizes = files.map((file) => ({ file, bytes: transferred(file) }));
  const total = sizes.reduce((sum, { bytes }) => sum + bytes, 0);
  const listed = sizes.map(({ file, bytes }) => `${file} ${bytes}`).join(", ");
  assert.ok(total <= MOST_BYTES, `${total} bytes, more than ${MOST_BYTES}: ${listed}`);
});

/** A script and all that it imports before it runs; what it imports when it is needed stands in a call. */
function withImports(script: string, seen: string[] = []): string[] {
  if (seen.includes(script)) return seen;
  seen.push(script);
  const text = readFileSync(`${BUILT}/${script}`, "utf8");
  for (const [, path] of text.matchAll(/\b(?:import|from)\s*"(\.[^"]*)"/g)) {
    withImports(posix.join(posix.dirname(script), path ?? ""), seen);
  }
  return seen;
}

function transferred(file: string): number {
  const compressed = `${BUILT}/${file}.br`;
  return statSync(existsSync(compressed) ? compressed : `${BUILT}/${file}`).size;
}
