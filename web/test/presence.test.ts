import assert from "node:assert/strict";
import { test } from "node:test";
import { NOBODY, ownState, tell, type Roster } from "../src/state/presence";
import { chat } from "../src/strings";
import { Typing } from "../src/ui/typing";
import { ANA, BEN } from "./fixtures";

const presence = (member: string, state: unknown) => ({ kind: "presence", member, value: { state } });
const typing = (member: string, value: unknown) => ({ kind: "typing", member, value });
const told = (...news: Parameters<typeof tell>[1][]): Roster => news.reduce(tell, NOBODY);

test("the latest state counts, and who is offline is not there", () => {
  assert.deepEqual(told(presence(ANA, "online"), presence(BEN, "away"), presence(ANA, "buffering")).states, {
    [ANA]: "buffering",
    [BEN]: "away",
  });
  assert.deepEqual(told(typing(ANA, true), presence(ANA, "active"), presence(ANA, "offline")), NOBODY);
});

test("who types is known in the order they began", () => {
  assert.deepEqual(told(typing(ANA, true), typing(BEN, true), typing(ANA, true)).typing, [ANA, BEN]);
  assert.deepEqual(told(typing(ANA, true), typing(BEN, true), typing(ANA, false)).typing, [BEN]);
});

test("what is not understood changes nothing", () => {
  for (const news of [presence(ANA, "toString"), presence(ANA, 1), { ...presence(ANA, "away"), value: null }]) {
    assert.equal(told(news), NOBODY);
  }
  assert.equal(told({ kind: "report", member: ANA, value: {} }), NOBODY);
});

test("the latest report of each member counts, and goes with the connection", () => {
  const report = (member: string, skew_ms: unknown) => ({ kind: "report", member, value: { skew_ms, rtt_ms: 20, buffered_ms: 0 } });
  const both = told(report(ANA, 5), report(BEN, -40), report(ANA, 7), report(ANA, "far"));
  assert.deepEqual([both.reports[ANA]?.skew_ms, both.reports[BEN]?.skew_ms], [7, -40]);
  assert.deepEqual(Object.keys(tell(both, presence(ANA, "offline")).reports), [BEN]);
});

test("typing reads as a sentence", () => {
  assert.deepEqual([[], ["Ana"], ["Ana", "Ben"], ["Ana", "Ben", "Cat"]].map(chat.typing), [
    "",
    "Ana is typing…",
    "Ana and Ben are typing…",
    "Several people are typing…",
  ]);
});

test("a hidden page is away, a visible one as its player", () => {
  assert.equal(ownState(true, "ready"), "away");
  assert.deepEqual((["idle", "buffering", "ready"] as const).map((player) => ownState(false, player)), [
    "active",
    "buffering",
    "ready",
  ]);
});

test("typing is told at most every 3 s, and its end once", () => {
  const said: string[] = [];
  let now = 0;
  const notes = new Typing((typing) => said.push(`${now} ${typing}`), () => now);
  for (; now < 7_000; now += 500) notes.wrote("hello");
  notes.stopped();
  notes.stopped();
  notes.wrote("again");
  now += 3_000;
  notes.wrote("again");
  notes.wrote("  ");
  assert.deepEqual(said, ["0 true", "3000 true", "6000 true", "7000 false", "10000 true", "10000 false"]);
});
