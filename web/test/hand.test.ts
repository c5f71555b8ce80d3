import assert from "node:assert/strict";
import { test } from "node:test";
import { Hand } from "../src/sync/hand";
import type { MediaElement } from "../src/sync/media_element";
import { settled } from "./simulated";

function element(refusal?: string) {
  const error = Object.assign(new Error("no"), { name: refusal });
  const media = {
    currentTime: 0,
    paused: true,
    seeking: false,
    playbackRate: 1,
    preservesPitch: false,
    play: () => {
      media.paused = refusal !== undefined;
      return refusal === undefined ? Promise.resolve() : Promise.reject(error);
    },
    pause: () => (media.paused = true),
  };
  const seen = { blocked: 0 };
  return { media, seen, hand: new Hand(media as unknown as MediaElement, () => (seen.blocked += 1)) };
}

test("what is written is no person's doing", () => {
  const { hand, media } = element();
  hand.play();
  assert.equal(hand.isForeignPause(), false);
  hand.seek(5_000);
  assert.deepEqual([media.currentTime, hand.isForeignSeek()], [5, false]);
});

test("a browser that wants a click first says so once, and a person's play is then a gesture", async () => {
  const { hand, media, seen } = element("NotAllowedError");
  hand.play();
  await settled();
  assert.equal(seen.blocked, 1);
  media.paused = false;
  assert.equal(hand.isForeignPause(), true);
});

test("a play that another load interrupts is nobody's business", async () => {
  const { hand, seen } = element("AbortError");
  hand.play();
  await settled();
  assert.equal(seen.blocked, 0);
});

test("the seeked event of an earlier seek does not make the one under way a person's", () => {
  const { hand, media } = element();
  hand.seek(5_000);
  hand.seek(9_000);
  media.seeking = true;
  hand.sought();
  assert.equal(hand.isForeignSeek(), false);
  media.seeking = false;
  hand.sought();
  assert.equal(hand.isForeignSeek(), true);
});

test("a rate keeps the pitch, and is not written twice", () => {
  const { hand, media } = element();
  hand.setRate(1.05);
  assert.deepEqual([media.playbackRate, media.preservesPitch], [1.05, true]);
  media.preservesPitch = false;
  hand.setRate(1.05);
  assert.equal(media.preservesPitch, false);
});
