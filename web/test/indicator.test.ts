import assert from "node:assert/strict";
import { test } from "node:test";
import { directed, indicatorText, signOf, spokenText } from "../src/player/indicator";
import { Settled } from "../src/player/settled";
import type { StatusKind } from "../src/sync/status";
import { Time } from "./simulated";

const status = (kind: StatusKind, skewMs: number | null = null, rate = 1) => ({ kind, skewMs, rate });

test("the indicator says how well the page follows", () => {
  const cases: [ReturnType<typeof status>, string][] = [
    [status("in_sync", -12.4), "in sync · 12 ms"],
    [status("in_sync"), "in sync"],
    [status("catching_up", -300, 1.04), "catching up +4 %"],
    [status("slowing_down", 200, 0.975), "slowing down −2.5 %"],
    [status("seeking"), "seeking"],
    [status("buffering"), "buffering"],
    [status("cannot_keep_up"), "cannot keep up"],
    [status("free", 4_000), "free mode"],
  ];
  for (const [given, text] of cases) assert.equal(indicatorText(given), text, JSON.stringify(given));
});

test("what is good, bad and neither has a sign of its own", () => {
  const signs = (["in_sync", "catching_up", "buffering", "cannot_keep_up", "free"] as const).map(signOf);
  assert.equal(new Set(signs).size, signs.length, `${signs}`);
});

test("what is said aloud has no figures", () => {
  assert.equal(spokenText("in_sync"), "in sync");
  assert.equal(spokenText("catching_up"), "catching up");
});

test("a span has a direction, and long ones are seconds", () => {
  assert.equal(directed(-92.3), "92 ms behind");
  assert.equal(directed(1_540), "1.5 s ahead");
});

test("a state is said once it has lasted, and not if it was there before", async () => {
  const time = new Time();
  const said: string[] = [];
  const settled = new Settled("idle", 3_000, (kind) => said.push(`${kind} at ${time.now}`), time.later);
  const at = async (ms: number, kind: string) => {
    await time.pass(ms - time.now);
    settled.take(kind);
  };
  await at(0, "in sync");
  await at(2_000, "seeking");
  await at(2_500, "in sync");
  await at(6_000, "buffering");
  await at(7_000, "in sync");
  await at(20_000, "buffering");
  await time.pass(3_000);
  assert.deepEqual(said, ["in sync at 5500", "buffering at 23000"]);
});
