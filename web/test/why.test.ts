import assert from "node:assert/strict";
import { test } from "node:test";
import { PERMISSIONS } from "../src/state/permissions";
import type { Step } from "../src/state/types";
import { whyPanel } from "../src/strings";
import { decisive, layerWords } from "../src/ui/why_words";

const step = (layer: string, effect: Step["effect"]): Step => ({ layer, effect, event: null });
const BEN = { name: "Ben", you: false };
const YOU = { name: "Ana", you: true };

test("each layer of a decision is a sentence", () => {
  for (const [layer, effect, subject, words] of [
    ["role:guest", "deny", BEN, "Ben is a guest, a role without this right."],
    ["role:admin", "allow", YOU, "You are an admin, a role with this right."],
    ["control:everyone", "none", BEN, "The room leaves playback to everybody."],
    ["control:moderators", "none", BEN, "The room leaves playback to moderators and above."],
    ["control:owner", "deny", BEN, "The room leaves playback to its owner."],
    ["room_override:guest", "allow", BEN, "The room lets guests do this."],
    ["room_override:guest", "deny", BEN, "The room does not let guests do this."],
    ["member_override", "deny", BEN, "It was taken from Ben in particular."],
    ["member_override", "allow", YOU, "It was allowed to you in particular."],
    ["muted", "deny", YOU, "You are muted."],
    ["ceiling:member", "deny", BEN, "No room can give this right to members."],
    ["capability:chat", "none", BEN, "Chat is switched on in this room."],
    ["capability:reactions", "deny", BEN, "Reactions are switched off in this room."],
    ["membership", "deny", BEN, "Ben is not a member of this room."],
    ["banned", "deny", BEN, "Ben is banned from this room."],
    ["rank:moderator", "deny", YOU, "Your role, moderator, is not above the one that this is about."],
    ["own", "deny", YOU, "It belongs to somebody else."],
    ["something:new", "deny", YOU, "something:new"],
  ] as const) {
    assert.equal(layerWords(step(layer, effect), subject), words);
  }
});

test("the last layer that says anything settles it", () => {
  const steps = [step("role:member", "allow"), step("muted", "deny"), step("capability:chat", "none")];
  assert.equal(decisive({ steps }), 1);
  assert.equal(decisive({ steps: [] }), -1);
});

test("every right has words", () => {
  assert.deepEqual(PERMISSIONS.filter((permission) => !whyPanel.rights[permission]), []);
  assert.deepEqual(Object.keys(whyPanel.rights).filter((right) => !(PERMISSIONS as string[]).includes(right)), []);
});
