import assert from "node:assert/strict";
import { test } from "node:test";
import { Problem } from "../src/net/problem";
import { problems } from "../src/strings";
import { textOf } from "../src/ui/problem_text";

test("a refusal is told by the rule that decided, and not by its name", () => {
  const denied = (decided_by?: string) => textOf(Problem.from(403, { code: "forbidden", detail: "raw", decided_by }));
  assert.equal(denied("control:owner"), problems.deniedBy["control"]);
  assert.equal(denied("role:guest"), problems.deniedBy["role"]);
  assert.equal(denied("something new"), problems.denied);
  assert.equal(denied(), problems.denied);
});

test("who was too fast is told how long to wait", () => {
  const wait = (retry_after_ms?: number) => textOf(Problem.from(429, { code: "rate_limited", detail: "raw", retry_after_ms }));
  assert.match(wait(1_200), / 2 s\.$/);
  assert.match(wait(), / 1 s\.$/);
});

test("anything else speaks for itself", () => {
  assert.equal(textOf(Problem.from(409, { code: "nothing_to_play", detail: "The playlist is empty." })), "The playlist is empty.");
  assert.equal(textOf(new Error("no")), "no");
  assert.equal(textOf("plain"), "plain");
});
