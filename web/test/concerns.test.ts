import assert from "node:assert/strict";
import { test } from "node:test";
import { begin, type State } from "../src/state/reducer";
import type { Room } from "../src/state/types";
import { concern } from "../src/ui/concerns";
import { eventWords } from "../src/ui/event_words";
import { Lapse } from "../src/ui/lapse";
import { ANA, BEN, event, room } from "./fixtures";

const CAT = "gst_01J00000000000000000000CAT";
const names: Record<string, string> = { [ANA]: "Ana", [BEN]: "Ben", [CAT]: "Cat" };
const called = { person: (id: string) => names[id] ?? "someone", item: (id: string) => id };

test("whom something is about hears of it at once, and nobody else", () => {
  const told = (type: string, data: Record<string, unknown>, me = BEN, actor = ANA) => concern(event(11, type, data, actor), { room: room(), names }, me);
  assert.equal(told("member.muted", { member: BEN, reason: "loud" }), "Ana muted you: “loud”");
  assert.match(told("member.muted", { member: BEN, expires_at: "2031-05-06T12:00:00Z" }) ?? "", /^Ana muted you until .*6/);
  assert.equal(told("member.unmuted", { member: BEN }), "Ana lets you speak again.");
  assert.equal(told("member.role_set", { member: BEN, role: "admin" }), "Ana made you an admin.");
  assert.equal(told("member.permissions_overridden", { member: BEN, allow: [], deny: ["queue.add"] }), "Ana changed your rights: denied: add videos.");
  assert.match(told("room.transfer_offered", { member: BEN }) ?? "", /^Ana offers you this room/);
  assert.match(told("room.transferred", { from: ANA, to: BEN }, ANA, BEN) ?? "", /^Ben took the room/);
  assert.equal(told("room.transferred", { from: ANA, to: BEN }, BEN, BEN), null);
  assert.equal(told("member.muted", { member: CAT }), null);
  assert.equal(told("room.transfer_offered", { member: null }), null);
  assert.equal(told("member.knocked", { member: CAT, display_name: "Cat" }, ANA, CAT), "Cat would like to come in.");
  assert.equal(told("member.knocked", { member: CAT, display_name: "Cat" }, BEN, CAT), null, "who may not let people in is not asked");
});

test("what happens at the doors and to rights has words", () => {
  for (const [type, data, actor, words] of [
    ["member.knocked", { member: CAT, display_name: "Cat", message: "hi" }, CAT, "Cat asks to come in"],
    ["member.approved", { member: CAT }, ANA, "Ana let Cat in"],
    ["member.rejected", { member: CAT, reason: "full" }, ANA, "Ana sent away Cat: full"],
    ["member.banned", { member: BEN, reason: "spam" }, ANA, "Ana banned Ben: spam"],
    ["member.unbanned", { member: BEN }, ANA, "Ana lifted the ban of Ben"],
    ["member.muted", { member: BEN }, ANA, "Ana muted Ben"],
    ["member.unmuted", { member: BEN }, ANA, "Ana lets Ben speak again"],
    ["member.permissions_overridden", { member: BEN, allow: ["queue.clear"], deny: [] }, ANA, "Ana changed the rights of Ben: allowed: clear the playlist"],
    ["room.join_rule_set", { join_rule: "invite" }, ANA, "Ana changed who gets in: Who is invited"],
    ["room.transfer_offered", { member: BEN }, ANA, "Ana offered the room to Ben"],
    ["room.transfer_offered", { member: null }, ANA, "Ana withdrew the offer of the room"],
    ["room.transferred", { from: ANA, to: BEN }, BEN, "Ben is the owner of this room now"],
    ["room.guests_expelled", { members: [BEN, CAT] }, ANA, "Ana removed Ben and Cat"],
    ["room.guests_expelled", { members: [BEN, CAT, "gst_1", "gst_2"] }, ANA, "Ana removed 4 guests"],
    ["invite.revoked", { invite_id: "inv_1" }, ANA, "Ana revoked an invite"],
  ] as const) {
    assert.equal(eventWords(event(1, type, data as Record<string, unknown>, actor), called), words);
  }
  const made = eventWords(event(1, "invite.created", { invite_id: "inv_1", max_uses: 5, expires_at: "2031-05-06T12:00:00Z" }), called);
  assert.match(made, /^Ana made an invite for 5 people until .*6/);
});

test("what ends by itself is gone from the screen when it ends, and what lasts stays", () => {
  const muted = (expires_at: string | null): Room => {
    const [ana] = room().members;
    return room({ members: [{ ...ana!, muted: { expires_at } }] });
  };
  const start = Date.parse("2026-01-01T00:00:00Z");
  let now = start;
  const seen: State[] = [];
  const due: { ms: number; then: () => void }[] = [];
  const lapse = new Lapse(() => now, (state) => seen.push(state), (ms, then) => (due.push({ ms, then }), () => undefined));
  const state = begin(muted("2026-01-01T00:00:10.000000Z"), []);
  lapse.take(state);
  assert.equal(seen[0], state, "nothing is over: it is shown as it is");
  const [first] = due;
  assert.ok(first !== undefined && first.ms > 10_000 && first.ms < 10_100, String(first?.ms));
  now = start + first.ms;
  first.then();
  assert.equal(seen[1]?.room.members[0]?.muted, undefined);
  assert.equal(due.length, 1, "it waits for nothing");
  lapse.take(begin(muted(null), []));
  assert.deepEqual(seen[2]?.room.members[0]?.muted, { expires_at: null });
  assert.equal(due.length, 1);
});
