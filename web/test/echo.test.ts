import assert from "node:assert/strict";
import { test } from "node:test";
import { Echo } from "../src/sync/echo";

test("the echo of an own play or pause is no gesture", () => {
  const echo = new Echo();
  echo.wrotePaused(false);
  assert.equal(echo.isPauseGesture(false), false);
  echo.wrotePaused(true);
  assert.equal(echo.isPauseGesture(true), false);
});

test("a late echo of an own play, after an own pause, is no gesture", () => {
  const echo = new Echo();
  echo.wrotePaused(false);
  echo.wrotePaused(true);
  assert.equal(echo.isPauseGesture(true), false);
  assert.equal(echo.isPauseGesture(true), false);
});

test("a person's pause is one gesture, and so is their play", () => {
  const echo = new Echo();
  echo.wrotePaused(false);
  assert.equal(echo.isPauseGesture(true), true);
  assert.equal(echo.isPauseGesture(true), false);
  assert.equal(echo.isPauseGesture(false), true);
});

test("the echo of an own seek is no gesture, also when the browser rounds", () => {
  const echo = new Echo();
  echo.wroteSeek(12_345);
  assert.equal(echo.isSeekGesture(12_333), false);
});

test("a seek elsewhere, or without one of our own, is a gesture", () => {
  const echo = new Echo();
  assert.equal(echo.isSeekGesture(12_345), true);
  echo.wroteSeek(12_345);
  assert.equal(echo.isSeekGesture(20_000), true);
  echo.seekDone();
  assert.equal(echo.isSeekGesture(12_345), true);
});

test("a person who goes to the same place twice made one gesture until the seek is done", () => {
  const echo = new Echo();
  assert.equal(echo.isSeekGesture(12_345), true);
  assert.equal(echo.isSeekGesture(12_345), false);
  echo.seekDone();
  assert.equal(echo.isSeekGesture(12_345), true);
});

test("a person may be quicker than the event", () => {
  const echo = new Echo();
  echo.wrotePaused(false);
  assert.equal(echo.isToCome(false, false), false);
  assert.equal(echo.isToCome(true, false), true);
  assert.equal(echo.isToCome(false, true), true);
  echo.wroteSeek(1_000);
  assert.equal(echo.isToCome(false, true), false);
});
