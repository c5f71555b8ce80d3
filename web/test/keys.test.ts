import assert from "node:assert/strict";
import { test } from "node:test";
import { actionOf, KEYS, STEPS, type Press } from "../src/player/keys";
import { player } from "../src/strings";

const press = (key: string, held: Partial<Press> = {}): Press => ({
  key,
  ctrlKey: false,
  metaKey: false,
  altKey: false,
  ...held,
});

test("keys do on the page what the table says, in either case", () => {
  for (const { action, keys } of KEYS) {
    for (const key of keys) {
      assert.equal(actionOf(press(key), "page", true), action, key);
      assert.equal(actionOf(press(key.toUpperCase()), "page", true), action, key);
    }
  }
});

test("nothing happens while text is written, nor with a modifier held", () => {
  for (const { keys } of KEYS) {
    for (const key of keys) assert.equal(actionOf(press(key), "text", true), null, key);
  }
  for (const held of ["ctrlKey", "metaKey", "altKey"]) {
    assert.equal(actionOf(press("k", { [held]: true }), "page", true), null, held);
  }
});

test("a control keeps the keys that operate it", () => {
  for (const key of [" ", "ArrowLeft", "ArrowRight"]) assert.equal(actionOf(press(key), "control", true), null, key);
  assert.equal(actionOf(press("k"), "control", true), "play");
});

test("single keys can be turned off; Escape still leaves", () => {
  for (const key of ["k", " ", "?", "ArrowLeft"]) assert.equal(actionOf(press(key), "page", false), null, key);
  assert.equal(actionOf(press("Escape"), "page", false), "leave");
});

test("every action has a text, and no key two of them", () => {
  const all = KEYS.flatMap(({ keys }) => keys);
  assert.equal(new Set(all).size, all.length, `${all}`);
  for (const { action } of KEYS) assert.ok(player.keys[action], action);
});

test("the steps are what the keys say", () => {
  assert.deepEqual(STEPS, { back10: -10_000, ahead10: 10_000, back5: -5_000, ahead5: 5_000 });
});
