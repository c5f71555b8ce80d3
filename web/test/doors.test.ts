import assert from "node:assert/strict";
import { test } from "node:test";
import { nextEnd } from "../src/state/expiry";
import { apply, begin, type State } from "../src/state/reducer";
import type { Room, RoomEvent } from "../src/state/types";
import { ANA, BEN, event, room } from "./fixtures";

const CAT = "gst_01J00000000000000000000CAT";
const USER = "usr_01J00000000000000000000ZED";
const [EARLY, LATE, NEVER] = ["2026-01-01T00:00:05Z", "2026-01-01T01:00:00Z", null];

/** Events one after the other, a second apart unless they say when. */
function fold(room: Room, ...events: [type: string, data: Record<string, unknown>, actor?: string, at?: string][]): State {
  const told = events.map(([type, data, actor, at], index): RoomEvent => {
    const seq = room.seq + 1 + index;
    return { ...event(seq, type, data, actor), at: at ?? `2026-01-01T00:00:0${index + 1}Z` };
  });
  return told.reduce((state, next) => {
    const outcome = apply(state, next);
    assert.equal(outcome.kind, "applied", next.type);
    return outcome.kind === "applied" ? outcome.state : state;
  }, begin(room, []));
}

const joins = (member: string, more: Record<string, unknown> = {}) =>
  ["member.joined", { member, display_name: member.slice(-3), role: "member", ...more }, member] as [string, Record<string, unknown>, string];
const called = (list: readonly { id: string }[]) => list.map(({ id }) => id);
const ben = ({ room }: State) => room.members.find(({ id }) => id === BEN);

test("who knocks waits until they are let in, sent away or forgotten", () => {
  const knocks = (member: string, expires_at: string) =>
    ["member.knocked", { member, display_name: "K", message: "hi", expires_at }, member] as [string, Record<string, unknown>, string];
  const waiting = fold(room(), knocks(CAT, LATE), knocks(BEN, LATE), knocks(USER, EARLY));
  assert.deepEqual(called(waiting.room.knocks), [USER, BEN, CAT], "accounts come first, the rest by age");
  assert.equal(waiting.names[CAT], "K");
  const in_ = fold(waiting.room, ["member.approved", { member: BEN }], joins(BEN), ["member.rejected", { member: CAT, expires_at: LATE }, ANA, "2026-01-01T00:00:06Z"]);
  assert.deepEqual([called(in_.room.members), called(in_.room.knocks)], [[ANA, BEN], []]);
  assert.equal(in_.room.versions.members, 15, "only the joining is of the members");
  assert.equal(waiting.room.versions.members, room().versions.members);
});

test("an invite is counted, and gone once used up, over or revoked", () => {
  const made = (invite_id: string, more: Record<string, unknown>) =>
    ["invite.created", { invite_id, expires_at: LATE, ...more }] as [string, Record<string, unknown>];
  const { room: three } = fold(room(), made("inv_b", { max_uses: 1 }), made("inv_a", { role: "guest" }), made("inv_c", { expires_at: EARLY }));
  assert.deepEqual(three.invites.map(({ invite_id, role, max_uses }) => [invite_id, role, max_uses]), [
    ["inv_a", "guest", null],
    ["inv_b", null, 1],
    ["inv_c", null, null],
  ]);
  const used = fold(three, joins(BEN, { invite: "inv_a" }), joins(CAT, { invite: "inv_b" })).room;
  assert.deepEqual(used.invites.map(({ invite_id, uses }) => [invite_id, uses]), [["inv_a", 1], ["inv_c", 0]]);
  assert.deepEqual(fold(used, ["invite.revoked", { invite_id: "inv_a" }, ANA, "2026-01-01T00:00:06Z"]).room.invites, []);
});

test("a ban takes the member out, keeps their name and ends", () => {
  const banned = fold(room(), joins(BEN), ["member.banned", { member: BEN, reason: "spam", expires_at: LATE }]);
  assert.deepEqual(called(banned.room.members), [ANA]);
  assert.deepEqual(banned.room.bans, [
    { id: BEN, kind: "guest", display_name: "BEN", reason: "spam", by: ANA, at: "2026-01-01T00:00:02Z", expires_at: LATE },
  ]);
  const again = fold(banned.room, ["member.banned", { member: BEN }]);
  assert.deepEqual(again.room.bans.map(({ display_name, reason, expires_at }) => [display_name, reason, expires_at]), [["BEN", null, NEVER]]);
  assert.deepEqual(fold(again.room, ["member.unbanned", { member: BEN }]).room.bans, []);
  assert.deepEqual(fold(banned.room, ["member.left", { member: CAT }, CAT, "2026-01-01T02:00:00Z"]).room.bans, [], "it is over");
});

test("what was taken from a member is still taken when they come back", () => {
  const overridden = fold(
    room(),
    joins(BEN),
    ["member.permissions_overridden", { member: BEN, allow: ["queue.clear"], deny: ["playback.control"] }],
    ["member.muted", { member: BEN, expires_at: LATE }],
  );
  assert.deepEqual(
    [ben(overridden)?.allow, ben(overridden)?.deny, ben(overridden)?.muted],
    [["queue.clear"], ["playback.control"], { expires_at: LATE }],
  );
  const returns = { ...joins(BEN)[1], deny: ["playback.control"], muted: { expires_at: LATE } };
  const back = ben(fold(overridden.room, ["member.left", { member: BEN }, BEN], ["member.joined", returns]));
  assert.deepEqual([back?.allow, back?.deny, back?.muted], [undefined, ["playback.control"], { expires_at: LATE }]);
  const clean = ben(fold(overridden.room, ["member.left", { member: BEN }, BEN], joins(BEN)));
  assert.deepEqual([clean?.deny, clean?.muted], [undefined, undefined]);
});

test("a room changes hands in two steps, and an offer goes with whom it was made to", () => {
  const offered = fold(room(), joins(BEN), ["room.transfer_offered", { member: BEN }]);
  assert.deepEqual(offered.room.offer, { member: BEN, at: "2026-01-01T00:00:02Z" });
  assert.equal(fold(offered.room, ["room.transfer_offered", { member: null }]).room.offer, null);
  assert.equal(fold(offered.room, ["member.kicked", { member: BEN }]).room.offer, null);
  const muted = fold(offered.room, ["member.muted", { member: BEN, expires_at: null }], ["room.transferred", { from: ANA, to: BEN }, BEN]);
  const { members, owner, offer, versions } = muted.room;
  assert.deepEqual(members.map(({ id, role, muted }) => [id, role, muted]), [[ANA, "admin", undefined], [BEN, "owner", undefined]]);
  assert.deepEqual([owner, offer, versions.members, versions.settings], [BEN, null, 14, room().versions.settings]);
});

test("guests are expelled together", () => {
  const after = fold(room(), joins(BEN), joins(CAT), joins(USER), ["room.guests_expelled", { members: [BEN, CAT], expires_at: LATE }]);
  assert.deepEqual(called(after.room.members), [ANA, USER]);
  assert.equal(after.room.versions.members, 14);
  assert.equal(after.room.versions.settings, room().versions.settings);
});

test("the rights of a role are replaced, those of the others stay", () => {
  const guest = { allow: ["playback.control"], deny: ["chat.send"] };
  const { settings } = fold(room(), ["room.settings_updated", { permissions: { guest }, max_members: 5 }]).room;
  assert.deepEqual(settings, { ...room().settings, permissions: { ...room().settings.permissions, guest }, max_members: 5 });
});

test("the next end of anything in a room is known", () => {
  assert.equal(nextEnd(room()), null);
  const some = fold(room(), joins(BEN), ["member.muted", { member: BEN, expires_at: LATE }], ["invite.created", { invite_id: "inv_a", expires_at: EARLY }]);
  assert.equal(nextEnd(some.room), EARLY);
});
