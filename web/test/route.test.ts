import assert from "node:assert/strict";
import { test } from "node:test";
import { clockTime, titleOf } from "../src/ui/format";
import { roomIn, roomLink } from "../src/ui/route";

const ROOM = "room_01J8Z3K4M5N6P7Q8R9S0T1V2W3";

test("a room is found in a path, in a fragment and by its bare id", () => {
  for (const address of [`https://tv.test/r/${ROOM}`, `https://tv.test/r/${ROOM}?x=1`, `https://tv.test/#${ROOM}`, ROOM]) {
    assert.equal(roomIn(address), ROOM, address);
  }
});

test("what only resembles a room is none", () => {
  for (const address of ["https://tv.test/", "https://tv.test/r/room_1", `https://tv.test/r/${ROOM}0`, `x${ROOM}`]) {
    assert.equal(roomIn(address), null, address);
  }
});

test("a link leads back to its room", () => {
  assert.equal(roomIn(roomLink("https://tv.test", ROOM)), ROOM);
});

test("media times are short below an hour", () => {
  assert.deepEqual([0, 61_999, 3_723_000].map(clockTime), ["0:00", "1:01", "1:02:03"]);
});

test("an item without a title is named by its file", () => {
  assert.equal(titleOf({ title: null, url: "https://media.test/a/my%20film.mp4?x=1" }), "my film.mp4");
  assert.equal(titleOf({ title: null, url: "https://media.test/100%.mp4" }), "100%.mp4");
  assert.equal(titleOf({ title: "Film", url: "https://media.test/a.mp4" }), "Film");
});
