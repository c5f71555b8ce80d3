import assert from "node:assert/strict";
import { test } from "node:test";
import type { Message } from "../src/state/reducer_chat";
import { ChatUnread } from "../src/ui/chat_unread";
import { alike } from "../src/ui/keyed_list";
import { next } from "../src/ui/message_keys";
import { pieces } from "../src/ui/timestamps";
import { ANA, BEN } from "./fixtures";

const times = (text: string) => pieces(text).flatMap(({ ms }) => (ms === null ? [] : [ms / 1000]));

test("times in a text are found, and the text stays whole", () => {
  const text = "at 1:23, 12:04 and (1:02:03); 0:05. 75:30";
  assert.deepEqual(times(text), [83, 724, 3723, 5, 4530]);
  assert.equal(pieces(text).map(({ text: piece }) => piece).join(""), text);
});

test("what only looks like a time stays text", () => {
  for (const text of ["1:2", "10:75", "1:75:00", "1:2:03", "a1:23", "1:23:45:67", "http://host:80:12", "1.2:30", "12:30pm", "4:3", "10:30:5"]) {
    assert.deepEqual(times(text), [], text);
  }
});

function message(seq: number, author: string): Message {
  return { id: `msg_${seq}`, seq, author, at: "", text: "", edited: false, replyTo: null, reactions: {} };
}

test("what others say while nobody looks is unread, and marked until the next absence", () => {
  const unread = new ChatUnread(ANA);
  const said = [message(1, BEN)];
  assert.equal(unread.take(said, true), null, "what was there before counts as read");
  said.push(message(3, BEN), message(4, ANA), message(5, BEN));
  assert.deepEqual(unread.take(said, false), { after: 1, count: 2 });
  assert.equal(unread.count, 2);
  assert.deepEqual(unread.take(said, true), { after: 1, count: 2 }, "the mark shows where to read on");
  assert.equal(unread.count, 0);
  said.push(message(7, BEN));
  unread.take(said, true);
  assert.equal(unread.take(said, false), null);
  said.push(message(9, BEN));
  assert.deepEqual(unread.take(said, false), { after: 7, count: 1 });
  unread.clear();
  assert.equal(unread.take(said, true), null);
});

test("an older page makes nothing unread", () => {
  const unread = new ChatUnread(ANA);
  unread.take([message(10, BEN)], true);
  assert.equal(unread.take([message(2, BEN), message(10, BEN)], false), null);
});

test("arrow keys go from message to message, and begin at the last", () => {
  assert.deepEqual(
    [next("ArrowUp", -1, 3), next("ArrowUp", 0, 3), next("ArrowDown", 1, 3), next("ArrowDown", 2, 3), next("Home", 2, 3), next("End", 0, 3)],
    [2, 0, 2, 2, 0, 2],
  );
  assert.deepEqual([next("ArrowDown", -1, 3), next("a", 1, 3)], [null, null]);
});

test("values are alike when each field is the same", () => {
  const field = {};
  assert.ok(alike({ a: 1, field }, { a: 1, field }));
  assert.ok(!alike({ a: 1, field }, { a: 1, field: {} }));
  assert.ok(!alike<object>({ a: 1 }, { a: 1, b: 2 }));
});
