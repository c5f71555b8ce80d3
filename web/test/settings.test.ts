import assert from "node:assert/strict";
import { test } from "node:test";
import { changedBy, saveSetting, settingOf, SETTINGS } from "../src/state/settings";
import type { Room } from "../src/state/types";
import { ANA, BEN, event, room } from "./fixtures";

/** A server that answers with these, one after the other; and what it was sent. */
function server(...answers: (Room | "done")[]) {
  const sent: Record<string, unknown>[] = [];
  const send = async (fields: Record<string, unknown>) => {
    sent.push(fields);
    const answer = answers.shift();
    assert.ok(answer, "asked more often than expected");
    return answer;
  };
  return { sent, send };
}

const moved = (settings: number, change: Partial<Room>) => room({ ...change, versions: { ...room().versions, settings } });

test("a setting is saved over the version it was chosen at", async () => {
  const { sent, send } = server("done", "done");
  assert.deepEqual(await saveSetting(send, room(), "barrier", "strict"), { kind: "saved" });
  await saveSetting(send, room(), "chat", "off");
  assert.deepEqual(sent, [
    { barrier: "strict", expect: { settings: 1 } },
    { capabilities: { chat: false }, expect: { settings: 1 } },
  ]);
});

test("another setting that moved is not in the way", async () => {
  const { sent, send } = server(moved(12, { visibility: "listed" }), moved(13, { default_role: "guest" }), "done");
  assert.deepEqual(await saveSetting(send, room(), "name", "Films"), { kind: "saved" });
  assert.deepEqual(sent.map(({ expect }) => expect), [{ settings: 1 }, { settings: 12 }, { settings: 13 }]);
});

test("the same setting changed meanwhile is a conflict, and keeping mine goes over theirs", async () => {
  const theirs = moved(12, { name: "Theirs" });
  const { sent, send } = server(theirs, "done");
  const saved = await saveSetting(send, room(), "name", "Mine");
  assert.deepEqual(saved, { kind: "conflict", theirs: "Theirs", room: theirs });
  assert.deepEqual(await saveSetting(send, theirs, "name", "Mine"), { kind: "saved" });
  assert.deepEqual(sent[1], { name: "Mine", expect: { settings: 12 } });
});

test("two who want the same do not conflict", async () => {
  const { send } = server(moved(12, { name: "Films" }));
  assert.deepEqual(await saveSetting(send, room(), "name", "Films"), { kind: "saved" });
});

test("every setting of a room has a value to show", () => {
  const values = SETTINGS.map((setting) => settingOf(room(), setting));
  assert.deepEqual(values, ["Movies", "unlisted", "member", "everyone", "grace", "on", "on", "1000"]);
});

test("who changed a setting last is in the log", () => {
  const log = [
    event(1, "room.settings_updated", { name: "A" }, ANA),
    event(2, "room.settings_updated", { name: "B", barrier: null }, BEN),
    event(3, "room.settings_updated", { capabilities: { chat: false } }, ANA),
  ];
  assert.deepEqual(["name", "chat", "barrier"].map((setting) => changedBy(log, setting as "name")), [BEN, ANA, null]);
});
