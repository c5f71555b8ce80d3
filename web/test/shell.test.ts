import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { Problem } from "../src/net/problem";
import { stateOf, wordsFor } from "../src/ui/connection";
import { parse } from "../src/ui/prefs";
import { neighbour } from "../src/ui/tabs";
import { textAt } from "../src/ui/texts";
import { unread } from "../src/ui/unread";
import { whyGone, whyNotIn } from "../src/ui/why";
import { ANA, BEN, event } from "./fixtures";

test("every text that index.html names exists", () => {
  const html = readFileSync("index.html", "utf8");
  const paths = [...html.matchAll(/data-(?:text|label|hint)="([^"]*)"/g)].map(([, path]) => path ?? "");
  assert.ok(paths.length > 10, "index.html names no texts any more");
  for (const path of paths) assert.ok(textAt(path), path);
  assert.throws(() => textAt("page.nothing"));
});

test("the pause until the next attempt is counted down, and never shown as zero", () => {
  const waiting = { kind: "waiting", ms: 2_500 } as const;
  const words = [0, 600, 1_600, 2_500, 9_000].map((passed) => wordsFor(waiting, true, passed));
  assert.deepEqual(words.map((text) => text.match(/\d+/)?.[0]), ["3", "2", "1", "1", "1"]);
});

test("without a network the page is offline, unless its connection stands or is over", () => {
  const links = [
    { kind: "connecting" },
    { kind: "waiting", ms: 1 },
    { kind: "live", arrival: { kind: "begun" } },
    { kind: "ended" },
  ] as const;
  assert.deepEqual(links.map((link) => stateOf(link, false)), ["offline", "offline", "live", "ended"]);
  assert.deepEqual(links.map((link) => stateOf(link, true)), ["connecting", "waiting", "live", "ended"]);
});

test("preferences that are missing or make no sense are as usual", () => {
  const usual = { theme: "system", shortcuts: true, captions: "medium", name: "" };
  for (const text of [null, "", "{", "7", "[]", '{"theme":"pink","shortcuts":"no","captions":3,"name":{}}']) {
    assert.deepEqual(parse(text), usual, String(text));
  }
  const chosen = { theme: "dark", shortcuts: false, captions: "large", name: "Ana" };
  assert.deepEqual(parse(JSON.stringify({ ...chosen, more: 1 })), chosen);
});

test("arrow keys go round the tabs, the other way where text runs from right to left", () => {
  const keys = ["ArrowRight", "ArrowLeft", "Home", "End", "a"];
  assert.deepEqual(keys.map((key) => neighbour(key, 3, 4)), [0, 2, 0, 3, null]);
  assert.deepEqual(keys.map((key) => neighbour(key, 0, 4, true)), [3, 1, 0, 3, null]);
});

test("only what others said after the place is unread", () => {
  const log = [
    event(4, "chat.posted", {}, BEN),
    event(5, "chat.posted", {}, BEN),
    event(6, "chat.posted", {}, ANA),
    event(7, "playback.paused", {}, BEN),
    event(8, "chat.posted", {}, BEN),
  ];
  assert.equal(unread(log, 4, ANA), 2);
});

test("who was shown out hears by whom and why", () => {
  const names = { [ANA]: "Ana", [BEN]: "Ben" };
  const why = (type: string, data: Record<string, unknown>, actor = ANA) => {
    const log = [event(4, "member.left", {}, BEN), event(5, "member.left", {}, ANA), event(6, type, data, actor), event(7, "chat.posted", {}, ANA)];
    return whyGone({ log, names }, BEN);
  };
  assert.equal(why("member.kicked", { member: BEN, reason: "spam" }), "Ana removed you from the room: “spam”");
  assert.equal(why("member.banned", { member: BEN }), "Ana banned you from the room.");
  assert.match(why("member.left", {}, BEN) ?? "", /left/);
  assert.match(why("room.guests_expelled", { members: [BEN] }) ?? "", /Guests/);
  assert.match(why("room.guests_expelled", { members: [ANA] }) ?? "", /left/, "somebody else was");
});

test("who does not get in hears it in the page's words, or else in the server's", () => {
  assert.match(whyNotIn(new Problem(409, "limit_reached", "x")), /full/);
  assert.match(whyNotIn(Problem.from(403, { code: "join_refused", join_rule: "invite" })), /invite/);
  assert.match(whyNotIn(Problem.from(403, { code: "cooldown", expires_at: "2031-05-06T12:00:00Z" })), /sent away.*6/);
  assert.doesNotMatch(whyNotIn(Problem.from(403, { code: "banned", expires_at: null })), /until/);
  assert.match(whyNotIn(Problem.from(403, { code: "banned", expires_at: "2031-05-06T12:00:00Z" })), /until.*6/);
  assert.match(whyNotIn(Problem.from(429, { code: "rate_limited", retry_after_ms: 1_200 })), / 2 s/);
  assert.equal(whyNotIn(new Problem(400, "invalid_field", "the display name is too long")), "the display name is too long");
  assert.equal(whyNotIn(new Error("odd")), "odd");
});
