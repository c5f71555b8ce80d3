import assert from "node:assert/strict";
import { test } from "node:test";
import { expire, nextEnd } from "../src/state/expiry";
import { apply, begin, type State } from "../src/state/reducer";
import { refusal } from "../src/state/rights";
import type { Room, RoomEvent } from "../src/state/types";
import { concernsLive } from "../src/ui/go_live";
import { keysFor } from "../src/live/publishing";
import { ANA, BEN, event, room } from "./fixtures";

const [SOON, LATE] = ["2026-01-01T00:10:00Z", "2026-01-02T00:00:00Z"];

function fold(from: Room, ...events: RoomEvent[]): State {
  return events.reduce((state, next) => {
    const outcome = apply(state, next);
    if (outcome.kind !== "applied") assert.fail(`${next.type} at ${next.seq}: ${outcome.kind}`);
    return outcome.state;
  }, begin(from, []));
}

const made = (seq: number, key_id: string, expires_at = LATE, by = ANA) => event(seq, "live.key_created", { key_id, expires_at }, by);

test("keys are listed by their ids, each with its maker, until they are revoked", () => {
  const { room: after } = fold(room(), made(11, "lky_b"), made(12, "lky_a", SOON, BEN));
  const at = "2026-01-01T00:00:01Z";
  assert.deepEqual(after.live_keys, [
    { key_id: "lky_a", by: BEN, at, expires_at: SOON },
    { key_id: "lky_b", by: ANA, at, expires_at: LATE },
  ]);
  const revoked = fold(after, event(13, "live.key_revoked", { key_id: "lky_b" }), event(14, "live.key_revoked", { key_id: "lky_x" }));
  assert.deepEqual(revoked.room.live_keys.map(({ key_id }) => key_id), ["lky_a"]);
});

test("a key is gone when it expires, and with the next event that looks", () => {
  const { room: with2 } = fold(room(), made(11, "lky_a", SOON), made(12, "lky_b"));
  assert.equal(nextEnd(with2), SOON);
  assert.deepEqual(expire(with2, SOON).live_keys.map(({ key_id }) => key_id), ["lky_b"]);
  assert.equal(expire(with2, "2026-01-01T00:09:59Z"), with2, "nothing is over yet");
  const later = { ...made(13, "lky_c"), at: "2026-01-01T00:11:00Z" };
  assert.deepEqual(fold(with2, later).room.live_keys.map(({ key_id }) => key_id), ["lky_b", "lky_c"]);
});

test("a stream is under way from its start to its end, and one that is replaced is another one", () => {
  const started = (seq: number, by = BEN) => event(seq, "live.started", { by, key_id: "lky_a" }, BEN);
  const { room: live } = fold(room(), started(11));
  assert.deepEqual(live.live, { by: BEN, seq: 11, started_at: "2026-01-01T00:00:01Z" });
  const again = fold(live, event(12, "live.stopped", { reason: "replaced" }), started(13));
  assert.equal(again.room.live?.seq, 13);
  assert.equal(fold(again.room, event(14, "live.stopped", { reason: "finished" })).room.live, null);
});

test("live events change no version", () => {
  const { versions } = fold(room(), made(11, "lky_a"), event(12, "live.started", { by: ANA, key_id: "lky_a" })).room;
  assert.deepEqual(versions, room().versions);
});

test("a live event of an unknown meaning asks for a new snapshot", () => {
  assert.equal(apply(begin(room(), []), event(11, "live.recorded")).kind, "stale");
});

test("moderators may publish and stop, members only if it is given to them, guests never", () => {
  const as = (role: string, allow: string[] = []): Room =>
    room({ members: [...room().members, { id: BEN, kind: "guest", display_name: "Ben", role, joined_at: "", allow }] });
  const why = (there: Room) => refusal(there, BEN, "live.publish")?.kind ?? "allowed";
  assert.deepEqual(
    [why(as("moderator")), why(as("member")), why(as("member", ["live.publish"])), why(as("guest", ["live.publish"]))],
    ["allowed", "role", "allowed", "ceiling"],
  );
});

test("whom publishing concerns sees the way to it, and the keys they may revoke", () => {
  const member = { id: BEN, kind: "guest" as const, display_name: "Ben", role: "member", joined_at: "" };
  const keys = [ANA, BEN].map((by) => ({ key_id: `lky_${by}`, by, at: "", expires_at: LATE }));
  const there = (change: Partial<Room> = {}, allow: string[] = []) => room({ members: [...room().members, { ...member, allow }], ...change });
  assert.equal(concernsLive(there(), BEN), false);
  assert.equal(concernsLive(there({}, ["live.publish"]), BEN), true);
  assert.equal(concernsLive(there({}, ["live.stop"]), BEN), true);
  assert.equal(concernsLive(there({ live_keys: keys }), BEN), true, "one's own keys can be revoked");
  assert.equal(concernsLive(there({ live: { by: BEN, seq: 11, started_at: "" } }), BEN), true, "one's own stream can be stopped");
  const seen = (there: Room, me: string) => keysFor(there, me).map(({ by }) => by);
  assert.deepEqual(seen(there({ live_keys: keys }), ANA), [ANA, BEN]);
  assert.deepEqual(seen(there({ live_keys: keys }, ["live.publish"]), BEN), [BEN]);
});
