import assert from "node:assert/strict";
import { test } from "node:test";
import { differing, overridesOf, stanceOf, withStance } from "../src/state/overrides";
import { hindranceAbout } from "../src/state/hindrance";
import { sayOver } from "../src/state/say_over";
import type { Member, Overrides, Room } from "../src/state/types";
import { overridesWords } from "../src/ui/rights_words";
import { ANA, BEN, room } from "./fixtures";

const ben = (more: Partial<Member> = {}): Member => ({ id: BEN, kind: "guest", display_name: "Ben", role: "member", joined_at: "", ...more });
const withBen = (more: Partial<Member> = {}, members = 2) =>
  room({ members: [...room().members, ben(more)], versions: { ...room().versions, members } });

test("what is denied wins, and one right is changed by itself", () => {
  const said = { allow: ["queue.clear", "chat.send"], deny: ["chat.send"] };
  assert.deepEqual([stanceOf(said, "chat.send"), stanceOf(said, "queue.clear"), stanceOf(said, "queue.add")], ["deny", "allow", "usual"]);
  assert.deepEqual(withStance(said, "queue.add", "deny"), { allow: ["queue.clear"], deny: ["queue.add", "chat.send"] });
  assert.deepEqual(withStance(said, "chat.send", "usual"), { allow: ["queue.clear"], deny: [] });
  assert.deepEqual(differing(said, { allow: [], deny: ["chat.send", "queue.add"] }), ["queue.add", "queue.clear"]);
});

test("what is said of rights reads as words", () => {
  assert.equal(overridesWords({ allow: [], deny: [] }), "as usual");
  assert.equal(overridesWords({ allow: ["queue.clear"], deny: ["chat.send", "chat.react"] }), "allowed: clear the playlist; denied: write messages, react to messages");
});

/** A server that answers with these, and over which versions of the members it was told. */
function server(...answers: (Room | "done")[]) {
  const over: number[] = [];
  const say = async (room: Room) => {
    over.push(room.versions.members);
    const answer = answers.shift();
    assert.ok(answer, "asked more often than expected");
    return answer;
  };
  return { over, say };
}

const read = (room: Room) => overridesOf(room, BEN) ?? { allow: [], deny: [] };
const same = (one: Overrides, other: Overrides) => differing(one, other).length === 0;
const wanted = { allow: [], deny: ["chat.send"] };

test("rights are said again over a room that moved in something else", async () => {
  const { over, say } = server(withBen({ role: "guest" }, 12), withBen({ muted: { expires_at: null } }, 14), "done");
  assert.deepEqual(await sayOver({ base: withBen(), wanted, read, same, say }), { kind: "saved" });
  assert.deepEqual(over, [2, 12, 14]);
});

test("the same member's rights changed meanwhile are a conflict, unless both want the same", async () => {
  const theirs = withBen({ allow: ["queue.clear"] }, 12);
  const conflict = await sayOver({ base: withBen(), wanted, read, same, say: server(theirs).say });
  assert.deepEqual(conflict, { kind: "conflict", theirs: { allow: ["queue.clear"], deny: [] }, room: theirs });
  const agreed = server(withBen({ deny: ["chat.send"] }, 12));
  assert.deepEqual(await sayOver({ base: withBen(), wanted, read, same, say: agreed.say }), { kind: "saved" });
});

test("nobody acts upon themselves or on somebody as high", () => {
  const there = room({ members: [{ ...(room().members[0] as Member), role: "admin" }, ben({ role: "admin" })] });
  const why = (by: string, member: string, within = there) => hindranceAbout(within, by, member, "members.kick");
  assert.equal(why(ANA, ANA)?.text, "You cannot do this to yourself.");
  assert.equal(why(ANA, BEN)?.text, "Only somebody with a higher role may do this.");
  assert.equal(why(ANA, BEN, withBen()), null);
  assert.deepEqual(why(BEN, ANA, withBen()), { text: "Only moderators and above may do this.", lacks: "members.kick" });
  assert.deepEqual(why(ANA, BEN, { ...withBen(), closed: true }), { text: "The room is closed." });
});
