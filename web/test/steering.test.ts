import assert from "node:assert/strict";
import { test } from "node:test";
import { Steering } from "../src/player/steering";
import type { Command, Playback } from "../src/state/types";
import { ANA, room } from "./fixtures";
import { Time } from "./simulated";

/** Ana's page: the room's playback began at 1 s of the medium when the server's clock was 50 s, which it is now. */
function page(playback: Partial<Playback> = {}, control: "everyone" | "owner" = "everyone", me = ANA) {
  const time = new Time();
  const sent: Command[] = [];
  const refused: string[] = [];
  const steering = new Steering({
    me,
    now: () => 50_000 + time.now,
    later: time.later,
    seenMs: () => 1_234,
    durationMs: () => null,
    send: async (command) => sent.push(command) > 0,
    refused: (reason) => refused.push(reason),
  });
  const base = room({ settings: { ...room().settings, control } });
  const show = (change: Partial<Playback>) => steering.show({ ...base, playback: { ...base.playback, ...change } });
  show(playback);
  return { steering, time, sent, refused, show };
}

test("playing and pausing say what is wanted, of which item, and where it was seen", () => {
  const { steering, sent, show } = page();
  steering.playOrPause();
  show({ playing: false });
  steering.playOrPause();
  assert.deepEqual(sent, [
    { type: "playback.pause", position_ms: 1_234, expected_item: "itm_a" },
    { type: "playback.play", expected_item: "itm_a" },
  ]);
});

test("a wait can be ended, or given up by pausing", async () => {
  const { steering, sent } = page({ playing: false, hold: { members: ["gst_x"], deadline_ms: null } });
  steering.playOrPause();
  await steering.play();
  assert.deepEqual(sent.map(({ type }) => type), ["playback.pause", "playback.play"]);
});

test("steps in quick succession are one seek by their sum", async () => {
  const { steering, time, sent } = page({ playing: false });
  for (let press = 0; press < 3; press += 1) {
    steering.seekBy(5_000);
    await time.pass(100);
  }
  assert.equal(steering.aim, 16_000);
  await time.pass(250);
  assert.deepEqual(sent, [{ type: "playback.seek", position_ms: 16_000, expected_item: "itm_a" }]);
  assert.equal(steering.aim, null);
});

test("no seek leads out of the medium", () => {
  const { steering, sent } = page();
  steering.seekTo(-4_000);
  steering.seekTo(99_000);
  assert.deepEqual(sent.map((command) => command["position_ms"]), [0, 30_000]);
});

test("a step that was not sent yet is dropped with its item", async () => {
  const { steering, time, sent, show } = page();
  steering.seekBy(5_000);
  show({ item_id: "itm_b" });
  await time.pass(1_000);
  assert.deepEqual(sent, []);
});

test("who may not steer is told why, and nothing is sent", async () => {
  const { steering, sent, refused } = page({}, "owner", "gst_stranger");
  steering.playOrPause();
  steering.seekTo(5_000);
  assert.equal(await steering.setRate(2_000), false);
  assert.deepEqual(sent, []);
  assert.equal(refused.length, 3);
  assert.match(refused[0] ?? "", /not a member/);
});
