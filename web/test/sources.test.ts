import assert from "node:assert/strict";
import { test } from "node:test";
import { kindByName, kindByType, needsFullHls, sourceOf } from "../src/player/sources";
import { item } from "./fixtures";

test("what an address ends with decides who plays it, whatever its query says", () => {
  const kinds = {
    "https://media.test/film.mp4": "native",
    "https://media.test/film": "native",
    "https://media.test/live/index.m3u8?token=a.mp4": "hls",
    "https://media.test/INDEX.M3U8#t=3": "hls",
    "https://media.test/live/room.flv?sign=1": "flv",
    "https://media.test/watch?file=film.flv": "native",
    "/live/room.flv": "flv",
    "no address: %": "native",
  };
  for (const [url, kind] of Object.entries(kinds)) assert.equal(kindByName(url), kind, url);
});

test("what the server calls it decides, too, if only a library can play it", () => {
  assert.equal(kindByType("application/vnd.apple.mpegurl; charset=utf-8"), "hls");
  assert.equal(kindByType("Audio/MPEGURL"), "hls");
  assert.equal(kindByType("video/x-flv"), "flv");
  assert.equal(kindByType("video/mp4"), null);
  assert.equal(kindByType(""), null);
});

test("an item under /live/ has no end yet", () => {
  assert.equal(sourceOf({ ...item("itm_a", null), url: "https://sync.test/live/room.flv" }).live, true);
  assert.equal(sourceOf({ ...item("itm_a", null), url: "https://sync.test/films/live.flv" }).live, false);
});

test("subtitles and sound apart need the full hls.js; several qualities do not", () => {
  const head = "#EXTM3U\n#EXT-X-STREAM-INF:BANDWIDTH=1,RESOLUTION=640x360\nlow.m3u8\n";
  assert.equal(needsFullHls(head), false);
  assert.equal(needsFullHls(`${head}#EXT-X-MEDIA:TYPE=AUDIO,GROUP-ID="a",NAME="main"\n`), false);
  assert.equal(needsFullHls(`${head}#EXT-X-MEDIA:TYPE=AUDIO,GROUP-ID="a",NAME="main",URI="a.m3u8"\r\n`), true);
  assert.equal(needsFullHls(`${head}#EXT-X-MEDIA:TYPE=SUBTITLES,GROUP-ID="s",NAME="en",URI="s.m3u8"\n`), true);
});
