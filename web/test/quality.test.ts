import assert from "node:assert/strict";
import { test } from "node:test";
import { choices } from "../src/player/quality";

test("levels are offered the best first, and keep their place in the stream's list", () => {
  const levels = [
    { height: 360, bitrate: 800_000 },
    { height: 1080, bitrate: 5_000_000 },
    { height: 720, bitrate: 2_500_000 },
  ];
  assert.deepEqual(choices(levels), [
    { level: 1, label: "1080p" },
    { level: 2, label: "720p" },
    { level: 0, label: "360p" },
  ]);
});

test("levels of one height are told apart, and sound alone goes by its rate", () => {
  const levels = [
    { height: 720, bitrate: 1_500_000 },
    { height: 720, bitrate: 3_000_000 },
    { height: 0, bitrate: 100_000 },
  ];
  assert.deepEqual(choices(levels).map(({ label }) => label), ["720p · 3.0 Mbit/s", "720p · 1.5 Mbit/s", "0.1 Mbit/s"]);
});
