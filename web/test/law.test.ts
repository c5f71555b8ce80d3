import assert from "node:assert/strict";
import { test } from "node:test";
import { correction } from "../src/sync/law";
import { profileOf, STANDARD, WEBKIT } from "../src/sync/profile";

test("up to 40 ms nothing is done, on either side", () => {
  for (const behind of [0, 16, 40, -40]) assert.equal(correction(behind, 0, STANDARD), 0, `${behind} ms`);
});

test("who is behind plays faster, who is ahead slower", () => {
  assert.equal(correction(60, 0, STANDARD), 0.02);
  assert.equal(correction(-60, 0, STANDARD), -0.02);
});

test("a correction that began ends below 15 ms, and not where it would not have begun", () => {
  assert.equal(correction(30, 0.02, STANDARD), 0.01);
  assert.equal(correction(16, 0.01, STANDARD), 0.005);
  assert.equal(correction(15, 0.005, STANDARD), 0);
  assert.equal(correction(-30, 0.02, STANDARD), 0, "beyond the room");
});

test("the rate changes by 6 % at most, beyond 300 ms by 10 %", () => {
  assert.equal(correction(300, 0, STANDARD), 0.06);
  assert.equal(correction(-299, 0, STANDARD), -0.06);
  assert.equal(correction(301, 0, STANDARD), 0.1);
  assert.equal(correction(-1_000, 0, STANDARD), -0.1);
});

test("WebKit is left alone up to 120 ms", () => {
  assert.equal(correction(120, 0, WEBKIT), 0);
  assert.equal(correction(-220, 0, WEBKIT), 0, "two changes of the rate would leave it behind");
});

test("WebKit catches up on the changes of the rate too, by a rate that stays", () => {
  const by = correction(121, 0, WEBKIT);
  assert.equal(by, 0.1);
  assert.equal(correction(300, by, WEBKIT), by);
  assert.equal(correction(-150, by, WEBKIT), by);
  assert.equal(correction(-190, by, WEBKIT), 0, "the change back does the rest");
});

test("WebKit ahead is helped by the changes of the rate themselves", () => {
  const by = correction(-300, 0, WEBKIT);
  assert.ok(by < 0, `by ${by}`);
  assert.equal(correction(-100, by, WEBKIT), 0);
});

test("a browser is known by its engine", () => {
  const webkit = "Mozilla/5.0 (iPhone; CPU iPhone OS 17_5 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko)";
  const safari = `${webkit} Version/17.5 Mobile/15E148 Safari/604.1`;
  const chromeOnIos = `${webkit} CriOS/126.0 Mobile/15E148 Safari/604.1`;
  const chrome = "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/126.0.0.0 Safari/537.36";
  const firefox = "Mozilla/5.0 (X11; Linux x86_64; rv:127.0) Gecko/20100101 Firefox/127.0";
  assert.deepEqual([safari, chromeOnIos, chrome, firefox].map(profileOf), [WEBKIT, WEBKIT, STANDARD, STANDARD]);
});
