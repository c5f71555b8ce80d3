import assert from "node:assert/strict";
import { test } from "node:test";
import { PERMISSIONS, ROLES, type Permission } from "../src/state/permissions";
import { held, holds, refusal } from "../src/state/rights";
import type { Member, Room, Settings } from "../src/state/types";
import rights from "../../tests/golden/rights.json";
import { ANA, BEN, room, usual } from "./fixtures";

test("everybody may what the domain lets them, and is refused for the same reason", () => {
  for (const { about, room: there, rights: rows } of rights) {
    for (const { member, permission, denied_by } of rows) {
      const why = refusal(there as unknown as Room, member, permission as Permission)?.kind ?? null;
      const layer = denied_by?.split(":")[0] ?? null;
      assert.equal(why, layer === "membership" ? "not_a_member" : layer, `${about}: ${permission} for ${member}`);
    }
  }
  assert.deepEqual(new Set(rights.flatMap(({ room: there }) => there.members.map(({ role }) => role))), new Set(ROLES));
});

test("of two layers the later one decides", () => {
  const there = (change: Partial<Member>, settings: Partial<Settings> = {}) =>
    room({ settings: { ...room().settings, ...settings }, members: [{ ...(room().members[0] as Member), role: "guest", ...change }] });
  const why = (there: Room, permission: Permission) => refusal(there, ANA, permission)?.kind ?? "allowed";
  const guest = (allow: string[], deny: string[]) => ({ permissions: { ...usual(), guest: { allow, deny } } });
  for (const [change, settings, permission, expected] of [
    [{}, {}, "playback.control", "role"],
    [{}, guest(["playback.control"], []), "playback.control", "allowed"],
    [{}, { ...guest(["playback.control"], []), control: "owner" }, "playback.control", "allowed"],
    [{}, guest(["chat.send"], ["chat.send"]), "chat.send", "room_override"],
    [{ allow: ["chat.send"] }, guest([], ["chat.send"]), "chat.send", "allowed"],
    [{ deny: ["playback.control"] }, guest(["playback.control"], []), "playback.control", "member_override"],
    [{ allow: ["chat.send"], muted: { expires_at: null } }, {}, "chat.send", "muted"],
    [{ muted: { expires_at: null } }, {}, "members.invite", "role"],
    [{ allow: ["members.invite"] }, guest(["members.invite"], []), "members.invite", "ceiling"],
    [{ role: "member", allow: ["room.close"] }, {}, "room.close", "ceiling"],
    [{ role: "admin" }, { control: "owner" }, "playback.rate", "control"],
    [{ role: "admin", muted: { expires_at: null } }, { capabilities: { chat: true, reactions: false } }, "chat.react", "capability"],
    [{ role: "owner", deny: ["playback.rate"] }, { control: "moderators" }, "playback.rate", "allowed"],
    [{ role: "owner" }, { capabilities: { chat: false, reactions: true } }, "chat.react", "capability"],
  ] as const) {
    assert.equal(why(there(change as Partial<Member>, settings as Partial<Settings>), permission), expected, JSON.stringify({ change, settings, permission }));
  }
  assert.equal(why(room({ closed: true }), "chat.send"), "closed");
  assert.equal(why(room({ closed: true }), "room.close"), "allowed");
  assert.equal(refusal(room(), BEN, "chat.send")?.kind, "not_a_member");
});

test("what the room has switched off can still be passed on, what is denied cannot", () => {
  const settings = { ...room().settings, capabilities: { chat: false, reactions: false } };
  assert.ok(holds(settings, { role: "guest" }, "chat.send"));
  assert.ok(!holds(settings, { role: "admin", deny: ["chat.send"] }, "chat.send"));
  assert.equal(held(settings, { role: "owner" }).size, PERMISSIONS.length);
});
