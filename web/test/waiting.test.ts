import assert from "node:assert/strict";
import { test } from "node:test";
import { Problem } from "../src/net/problem";
import { inviteIn, inviteLink, roomIn } from "../src/ui/route";
import { Waiting } from "../src/ui/waiting";

const ROOM = "room_01J8Z3K4M5N6P7Q8R9S0T1V2W3";

/** Somebody who waits and hears these answers, one after the other. */
async function waits(...answers: (boolean | Problem)[]) {
  const heard: string[] = [];
  const pauses: number[] = [];
  let due: (() => void) | null = null;
  const later = (ms: number, then: () => void) => {
    pauses.push(ms);
    due = then;
    return () => (due = null);
  };
  const ask = async () => {
    const answer = answers.shift();
    assert.ok(answer !== undefined, "asked more often than expected");
    if (answer instanceof Problem) throw answer;
    return answer;
  };
  const ports = { ask, letIn: () => heard.push("in"), over: (problem: unknown) => heard.push((problem as Problem).code), waited: () => undefined };
  const waiting = new Waiting(ports, later);
  const go = async () => {
    const next = due;
    due = null;
    next?.();
    await new Promise((done) => setImmediate(done));
  };
  return { waiting, heard, pauses, go, isDue: () => due !== null };
}

test("who waits asks ever more rarely, until they are let in", async () => {
  const { heard, pauses, go, isDue } = await waits(false, false, true);
  for (let time = 0; time < 3; time += 1) await go();
  assert.deepEqual(heard, ["in"]);
  assert.ok(pauses[0]! < pauses[1]! && pauses[1]! < pauses[2]!, pauses.join());
  assert.equal(isDue(), false, "asks on");
});

test("a server that is away, or wants fewer questions, does not end the waiting", async () => {
  const busy = Problem.from(429, { code: "rate_limited", retry_after_ms: 30_000 });
  const { heard, pauses, go } = await waits(Problem.unreachable(), new Problem(503, "unavailable", ""), busy, true);
  for (let time = 0; time < 4; time += 1) await go();
  assert.deepEqual(heard, ["in"]);
  assert.equal(pauses[3], 30_000);
});

test("who is sent away waits no longer, and who gives up asks no more", async () => {
  const sent = await waits(false, new Problem(403, "cooldown", ""));
  await sent.go();
  await sent.go();
  assert.deepEqual([sent.heard, sent.isDue()], [["cooldown"], false]);
  const gives = await waits();
  gives.waiting.stop();
  await gives.go();
  gives.waiting.nudge();
  assert.deepEqual(gives.heard, []);
});

test("the token of an invite stands where no server sees it", () => {
  const link = inviteLink("https://tv.test", ROOM, "synctv_invite_01AB");
  assert.equal(new URL(link).hash, "#invite=synctv_invite_01AB");
  assert.deepEqual([inviteIn(link), roomIn(link)], ["synctv_invite_01AB", ROOM]);
  assert.equal(inviteIn(`https://tv.test/r/${ROOM}?invite=synctv_invite_01AB`), null);
});
