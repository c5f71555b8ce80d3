import assert from "node:assert/strict";
import { test } from "node:test";
import { holdText } from "../src/player/hold_view";
import { initials, readyView } from "../src/player/ready_view";
import type { Ready } from "../src/state/types";
import { ANA, BEN, room } from "./fixtures";

const names = { [ANA]: "Ana", [BEN]: "Ben" };
const check = (change: Partial<Ready> = {}): Ready => ({
  started_by: ANA,
  deadline_ms: 60_000,
  members: [ANA, BEN],
  ready: [BEN],
  counting: false,
  ...change,
});

test("a ready check shows who is asked, who is ready, and the time left", () => {
  const view = readyView(room({ ready: check() }), names, ANA, 48_100);
  assert.deepEqual(view, {
    asked: [
      { id: ANA, name: "Ana", ready: false, me: true },
      { id: BEN, name: "Ben", ready: true, me: false },
    ],
    readyCount: 1,
    mine: false,
    mayCancel: true,
    secondsLeft: 12,
    countdown: null,
  });
});

test("who is not asked has nothing to answer, and who may not steer nothing to cancel", () => {
  const guest = { id: BEN, kind: "guest", display_name: "Ben", role: "guest", joined_at: "" } as const;
  const view = readyView(room({ ready: check({ members: [ANA] }), members: [...room().members, guest] }), names, BEN, 0);
  assert.equal(view?.mine, null);
  assert.equal(view?.mayCancel, false);
});

test("the countdown runs until the anchor of the playback, and is over then", () => {
  const counting = room({ ready: check({ ready: [ANA, BEN], counting: true }) });
  const seconds = [47_000, 47_001, 48_000, 49_999].map((now) => readyView(counting, names, ANA, now)?.countdown);
  assert.deepEqual(seconds, [3, 3, 2, 1], "its anchor is at 50 s");
  assert.equal(readyView(counting, names, ANA, 50_000), null);
});

test("without a ready check there is nothing to show", () => {
  assert.equal(readyView(room(), names, ANA, 0), null);
});

test("a hold says whom it waits for and how long still", () => {
  assert.equal(holdText({ members: [BEN], deadline_ms: 10_000 }, names, 5_001), "Waiting for Ben (5 s)");
  assert.equal(holdText({ members: [BEN, ANA], deadline_ms: null }, names, 5_000), "Waiting for Ben and Ana");
  const three = { members: [BEN, ANA, "gst_x"], deadline_ms: 9_000 };
  assert.equal(holdText(three, names, 9_500), "Waiting for Ben and 2 others (0 s)");
  assert.equal(holdText({ members: ["gst_x"], deadline_ms: null }, names, null), "Waiting for someone");
});

test("a face has two letters, of whatever alphabet", () => {
  assert.deepEqual(["Ana", "ben okri", "Li Na Wu", "🦊fox", "x", ""].map(initials), ["AN", "BO", "LW", "🦊F", "X", ""]);
});
