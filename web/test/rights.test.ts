import assert from "node:assert/strict";
import { test } from "node:test";
import { refusal, ROLES, type Permission } from "../src/state/rights";
import type { Settings } from "../src/state/types";
import rights from "../../tests/golden/rights.json";
import { ANA, room } from "./fixtures";

test("each role may what the domain lets it, and is refused for the same reason", () => {
  for (const { role, control, chat, permission, denied_by } of rights) {
    const usual = room();
    const there = room({
      settings: { ...usual.settings, control: control as Settings["control"], capabilities: { chat } },
      members: usual.members.map((member) => ({ ...member, role })),
    });
    const why = refusal(there, ANA, permission as Permission);
    assert.equal(why?.kind ?? null, denied_by, JSON.stringify({ role, control, chat, permission }));
  }
  assert.deepEqual(new Set(rights.map(({ role }) => role)), new Set(ROLES));
});
