import assert from "node:assert/strict";
import { test } from "node:test";
import type { Command } from "../src/state/types";
import { PlaylistMoves } from "../src/ui/playlist_moves";
import { before, moved, placeAt, steered } from "../src/ui/playlist_order";

const IDS = ["a", "b", "c", "d"];

test("an item takes its new place, and what stands before it there is what the server is told", () => {
  for (const [id, at, order, after] of [
    ["a", 0, "abcd", null],
    ["a", 2, "bcad", "c"],
    ["a", 9, "bcda", "d"],
    ["d", 0, "dabc", null],
    ["d", -1, "dabc", null],
    ["c", 1, "acbd", "a"],
  ] as const) {
    assert.equal(moved(IDS, id, at).join(""), order);
    assert.equal(before(IDS, id, at), after, `${id} to ${at}`);
  }
  assert.deepEqual(moved(IDS, "gone", 1), IDS);
});

test("a dragged item is let go behind what lies above it", () => {
  const middles = [10, 30, 50];
  assert.deepEqual([0, 20, 31, 99].map((y) => placeAt(middles, y)), [0, 1, 2, 3]);
});

test("keys stop at the ends", () => {
  assert.deepEqual([steered("ArrowUp", 0, 4), steered("ArrowDown", 3, 4), steered("Home", 2, 4), steered("End", 0, 4)], [0, 3, 0, 3]);
  assert.equal(steered("Tab", 1, 4), null);
});

function list(answer: boolean) {
  const ids = [...IDS];
  const sent: Command[] = [];
  const said: string[] = [];
  const seen: string[] = [];
  const moves: PlaylistMoves = new PlaylistMoves(null as never, {
    send: async (command) => {
      sent.push(command);
      if (answer) ids.splice(0, ids.length, ...moves.order());
      return answer;
    },
    ids: () => ids,
    title: (id) => id.toUpperCase(),
    row: () => null,
    changed: () => seen.push(moves.order().join("")),
    say: (text) => said.push(text),
  });
  return { moves, sent, said, seen };
}

test("a grabbed item goes where the arrows take it, and is moved once it is put down", async () => {
  const { moves, sent, said, seen } = list(true);
  moves.toggle("b");
  assert.ok(moves.isGrabbed("b"));
  assert.ok(moves.key("ArrowDown") && moves.key("ArrowDown") && moves.key("ArrowDown"));
  assert.deepEqual(sent, []);
  moves.toggle("b");
  await new Promise((done) => setImmediate(done));
  assert.deepEqual(sent, [{ type: "playlist.move", item_id: "b", after: "d" }]);
  assert.equal(seen.at(-1), "acdb");
  assert.equal(said.at(-1), "B moved to position 4 of 4");
});

test("escape puts a grabbed item back, and asks the server for nothing", () => {
  const { moves, sent, said, seen } = list(true);
  moves.toggle("c");
  moves.key("ArrowUp");
  assert.equal(seen.at(-1), "acbd");
  assert.ok(moves.key("Escape"));
  assert.deepEqual([moves.order().join(""), said.at(-1), sent.length], ["abcd", "C is back at position 3 of 4", 0]);
  assert.ok(!moves.key("ArrowUp"), "nothing is grabbed any more");
});

test("a refused move is seen at once and taken back", async () => {
  const { moves, said, seen } = list(false);
  await moves.move("a", 3);
  assert.deepEqual(seen, ["bcda", "abcd"]);
  assert.equal(said.at(-1), "A is back at position 1 of 4");
});
