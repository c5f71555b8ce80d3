import assert from "node:assert/strict";
import { test } from "node:test";
import { History } from "../src/state/history";
import { PastRooms } from "../src/state/past_rooms";
import { begin, type State } from "../src/state/reducer";
import type { RoomEvent } from "../src/state/types";
import { ANA, BEN, event, room } from "./fixtures";

const post = (seq: number) => event(seq, "chat.posted", { message_id: `msg_${seq}`, text: `text ${seq}` });
const run = (from: number, to: number) => Array.from({ length: to - from + 1 }, (_, index) => post(from + index));
const state = (log: RoomEvent[], epoch = "e1"): State => ({ ...begin(room({ epoch, seq: log.at(-1)?.seq ?? 0 }), []), log });
const seqs = (history: History) => history.events.map(({ seq }) => seq);

/** A history over a log of so many events, and what was asked of it. */
function over(length: number) {
  const asked: string[] = [];
  const history = new History(async (after, limit) => {
    asked.push(`${after} ${limit}`);
    const from = Number(after.split(":")[1]) + 1;
    return run(from, Math.min(length, from + limit - 1));
  });
  return { history, asked };
}

test("a message is edited, reacted to and withdrawn", () => {
  const { history } = over(0);
  const told = (...events: RoomEvent[]) => {
    history.show(state([...history.events, ...events]));
    return history.messages[0];
  };
  told(event(11, "chat.posted", { message_id: "msg_1", text: "helo" }));
  const edited = told(event(12, "chat.edited", { message_id: "msg_1", text: "hello" }));
  assert.deepEqual([edited?.text, edited?.edited, edited?.seq], ["hello", true, 11]);
  const react = (seq: number, on: boolean) => event(seq, "chat.reacted", { message_id: "msg_1", reaction: "❤", on }, BEN);
  assert.deepEqual(told(react(13, true))?.reactions, { "❤": [BEN] });
  assert.deepEqual(told(react(14, false))?.reactions, {});
  assert.equal(told(event(15, "chat.redacted", { message_id: "msg_1" }))?.text, null);
});

test("an erased text is null, not a failure", () => {
  const { history } = over(0);
  history.show(state([event(11, "chat.posted", { message_id: "msg_1", text: null })]));
  assert.equal(history.messages[0]?.text, null);
});

test("a history grows at its end, and takes over what came late before it", () => {
  const { history } = over(0);
  history.show(state(run(11, 12)));
  history.show(state(run(11, 13)));
  assert.deepEqual(seqs(history), [11, 12, 13]);
  history.show(state(run(9, 13)));
  assert.deepEqual(seqs(history), [9, 10, 11, 12, 13]);
  assert.deepEqual(history.messages.map(({ seq }) => seq), seqs(history));
});

test("after a gap or in another epoch a history begins anew", () => {
  const { history } = over(0);
  history.show(state(run(1, 3)));
  history.show(state(run(7, 8)));
  assert.deepEqual(seqs(history), [7, 8]);
  history.show(state([], "e2"));
  assert.deepEqual(seqs(history), []);
  history.show(state(run(8, 9), "e2"));
  assert.deepEqual(seqs(history), [8, 9]);
});

test("older pages are read up to the beginning, each once, and edits of what they hold are kept", async () => {
  const { history, asked } = over(249);
  let told = 0;
  history.watch(() => (told += 1));
  history.show(state([event(250, "chat.edited", { message_id: "msg_249", text: "new" })]));
  await Promise.all([history.older(), history.older()]);
  assert.deepEqual([history.first, history.last, history.hasOlder], [50, 250, true]);
  assert.equal(history.messages.at(-1)?.text, "new");
  await history.older();
  await history.older();
  assert.deepEqual([history.first, history.hasOlder, told], [1, false, 2]);
  assert.deepEqual(asked, ["e1:49 200", "e1:0 49"]);
});

test("what cannot be read can be asked for again", async () => {
  let fails = true;
  const history = new History(async () => {
    if (fails) throw new Error("unreachable");
    return run(1, 4);
  });
  history.show(state(run(5, 6)));
  await assert.rejects(history.older());
  fails = false;
  await history.older();
  assert.deepEqual(seqs(history), [1, 2, 3, 4, 5, 6]);
});

test("titles and names outlive the items and members", () => {
  const { history } = over(0);
  history.show(
    state([
      event(1, "member.joined", { member: BEN, display_name: "Ben" }, BEN),
      event(2, "playlist.added", { item_id: "itm_a", url: "https://media.test/a.mp4" }),
      event(3, "playlist.updated", { item_id: "itm_a", title: "Film" }),
      event(4, "playlist.removed", { item_id: "itm_a" }),
    ]),
  );
  assert.equal(history.names[BEN], "Ben");
  assert.deepEqual(history.items["itm_a"], { title: "Film", url: "https://media.test/a.mp4" });
});

test("the rooms along a run are folded from the first one, which is read", async () => {
  const read: number[] = [];
  const rooms = new PastRooms(async (seq) => (read.push(seq), room({ seq, name: `read ${seq}` })));
  const events = [post(5), event(6, "room.settings_updated", { name: "Films" }), event(7, "no.such_event"), post(8)];
  await rooms.follow(events);
  assert.deepEqual(events.map(({ seq }) => rooms.after(seq)?.name), ["read 5", "Films", "read 7", "read 7"]);
  assert.deepEqual(read, [5, 7]);
  assert.ok(rooms.covers(events));
  const longer = [post(4), ...events, event(9, "room.settings_updated", { name: "Last" }, ANA)];
  assert.ok(!rooms.covers(longer));
  await rooms.follow(longer);
  assert.deepEqual([rooms.after(6)?.name, rooms.after(9)?.name], ["Films", "Last"]);
  assert.deepEqual(read, [5, 7, 4]);
});
