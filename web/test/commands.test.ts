import assert from "node:assert/strict";
import { test } from "node:test";
import { Commands } from "../src/net/commands";
import type { CommandAnswer } from "../src/state/types";
import { settled, Time } from "./simulated";

interface Said {
  id: number;
  key: string;
}

const ANSWER: CommandAnswer = { seq: 7, position: 70, events: [] };

/** Commands over a socket that is open at first, and what was said and called. */
function commands() {
  const time = new Time();
  const seen = { open: true, said: [] as Said[], called: [] as string[] };
  const made = new Commands(
    {
      say: (message) => {
        if (seen.open) seen.said.push(message as Said);
        return seen.open;
      },
      call: async (_, key) => {
        seen.called.push(key);
        return ANSWER;
      },
    },
    time.later,
  );
  return { made, seen, time };
}

const play = { type: "playback.play" };
const ids = (said: Said[]) => said.map(({ id }) => id);

test("an open socket carries the command, and its reply settles it", async () => {
  const { made, seen } = commands();
  const [first, second] = [made.issue(play), made.issue(play)];
  assert.notEqual(seen.said[0]?.key, seen.said[1]?.key);
  made.hear({ id: 2, problem: { status: 403, code: "forbidden", detail: "No." } as object });
  made.hear({ id: 1, ...ANSWER });
  assert.deepEqual(await first, ANSWER);
  await assert.rejects(second, { code: "forbidden", status: 403, message: "No." });
  assert.deepEqual(seen.called, []);
});

test("without a socket the command is a call", async () => {
  const { made, seen } = commands();
  seen.open = false;
  assert.deepEqual(await made.issue(play, "k"), ANSWER);
  assert.deepEqual([seen.called, seen.said], [["k"], []]);
});

test("what was not answered is said again under its key when the socket is back", async () => {
  const { made, seen, time } = commands();
  const issued = ["a", "b", "c"].map((key) => made.issue(play, key));
  made.hear({ id: 2, ...ANSWER });
  made.lost();
  made.opened();
  await time.pass(60_000);
  assert.deepEqual(ids(seen.said), [1, 2, 3, 1, 3]);
  assert.deepEqual(seen.said.map(({ key }) => key), ["a", "b", "c", "a", "c"]);
  made.hear({ id: 1, ...ANSWER });
  made.hear({ id: 3, ...ANSWER });
  await Promise.all(issued);
  made.opened();
  assert.equal(seen.said.length, 5, "what was answered is not said again");
  assert.deepEqual(seen.called, []);
});

test("a socket that stays away is not waited for", async () => {
  const { made, seen, time } = commands();
  const issued = made.issue(play, "k");
  seen.open = false;
  made.lost();
  await time.pass(2_999);
  assert.deepEqual(seen.called, []);
  await time.pass(1);
  assert.deepEqual(await issued, ANSWER);
  assert.deepEqual(seen.called, ["k"]);
});

test("a server that is too busy over the socket is called, under the same key", async () => {
  const { made, seen } = commands();
  const issued = made.issue(play, "k");
  made.hear({ id: 1, problem: { status: 503 } });
  assert.deepEqual(await issued, ANSWER);
  await settled();
  made.opened();
  assert.deepEqual([seen.called, seen.said.length], [["k"], 1]);
});
