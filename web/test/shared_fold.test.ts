import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { apply, begin, type State } from "../src/state/reducer";
import type { Room, RoomEvent } from "../src/state/types";

interface Shared {
  room: Room;
  histories: { events: RoomEvent[]; room: Room }[];
}

/** The domain's tests fold the same file. */
const shared = JSON.parse(readFileSync("../tests/golden/fold.json", "utf8")) as Shared;

function fold(state: State, event: RoomEvent): State {
  const outcome = apply(state, event);
  assert.equal(outcome.kind, "applied", JSON.stringify(event));
  return outcome.kind === "applied" ? outcome.state : state;
}

test("the shared histories make the same rooms here as in the domain", () => {
  assert.ok(shared.histories.length >= 50, `${shared.histories.length} histories`);
  for (const { events, room } of shared.histories) {
    const folded = events.reduce(fold, begin(shared.room, [])).room;
    const said = events.map(({ type, data }) => `${type} ${JSON.stringify(data)}`);
    assert.deepEqual({ said, room: folded }, { said, room });
  }
});

test("the shared histories hold every kind of event that changes a room", () => {
  const kinds = new Set(shared.histories.flatMap(({ events }) => events.map(({ type }) => type)));
  const wanted = [
    "playback.held", "playback.released", "playback.played", "playback.paused", "playback.seeked", "playback.item_selected",
    "playback.mode_set", "playback.rate_set", "ready.started", "ready.marked", "ready.cancelled", "member.joined",
    "member.left", "member.kicked", "member.role_set", "playlist.added", "playlist.updated", "playlist.moved",
    "playlist.removed", "playlist.cleared", "room.settings_updated", "chat.posted", "chat.redacted",
    "live.key_created", "live.key_revoked", "live.started", "live.stopped",
  ];
  assert.deepEqual(wanted.filter((kind) => !kinds.has(kind)), []);
});
