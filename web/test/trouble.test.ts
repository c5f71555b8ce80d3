import assert from "node:assert/strict";
import { test } from "node:test";
import { isInsecure, judge, type Probe } from "../src/player/trouble";
import { player } from "../src/strings";

const answered = (status: number, type = "video/mp4"): Probe => ({ kind: "answered", status, type });

test("the server's answer tells why a medium does not play", () => {
  const troubles = [
    [answered(404), "not_found"],
    [answered(410), "not_found"],
    [answered(401), "refused"],
    [answered(403), "refused"],
    [answered(502), "failing"],
    [answered(206), "unplayable"],
    [{ kind: "silent" }, "unreachable"],
  ] as const;
  for (const [probe, trouble] of troubles) assert.deepEqual(judge(probe, "native", false), { trouble }, JSON.stringify(probe));
});

test("a site that other pages may not read is in the way of a library, not of the browser", () => {
  assert.deepEqual(judge({ kind: "hidden" }, "hls", false), { trouble: "cross_origin" });
  assert.deepEqual(judge({ kind: "hidden" }, "native", false), { trouble: "unplayable" });
});

test("what turns out to be a stream is played by the library for it, once", () => {
  const stream = answered(200, "application/x-mpegurl");
  assert.deepEqual(judge(stream, "native", false), { insteadBy: "hls" });
  assert.deepEqual(judge(stream, "hls", false), { trouble: "unplayable" });
});

test("what is not encrypted does not go into a page that is", () => {
  assert.equal(isInsecure("http://media.test/a.mp4", "https://sync.test/r/x"), true);
  assert.equal(isInsecure("http://media.test/a.mp4", "http://sync.test/r/x"), false);
  assert.equal(isInsecure("https://media.test/a.mp4", "https://sync.test/r/x"), false);
  assert.deepEqual(judge({ kind: "silent" }, "native", true), { trouble: "insecure" });
});

test("every trouble is told with a next step", () => {
  for (const text of Object.values(player.trouble)) assert.match(text, /\. (Check|Use|Try)/);
});
