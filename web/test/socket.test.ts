import assert from "node:assert/strict";
import { test } from "node:test";
import type { Message } from "../src/net/message";
import { Problem } from "../src/net/problem";
import { jitter, RoomSocket, type Wire } from "../src/net/socket";
import { settled, Time } from "./simulated";

class FakeWire implements Wire {
  readyState = 1;
  onopen: Wire["onopen"] = null;
  onmessage: Wire["onmessage"] = null;
  onclose: Wire["onclose"] = null;
  readonly sent: string[] = [];
  closed = false;
  send(text: string): void {
    this.sent.push(text);
  }
  close(): void {
    this.closed = true;
  }
}

/** A socket whose pauses are as long as can be; `refusals` are what the first dials fail with. */
async function socket(...refusals: Error[]) {
  const time = new Time();
  const wires: FakeWire[] = [];
  const seen = { dials: [] as { at: number; renewed: boolean }[], opened: 0, lost: 0, pauses: [] as number[], ended: [] as Problem[] };
  const heard: Message[] = [];
  const room = new RoomSocket(
    {
      dial: async (renewed) => {
        seen.dials.push({ at: time.now, renewed });
        const refusal = refusals[seen.dials.length - 1];
        if (refusal !== undefined) throw refusal;
        wires.push(new FakeWire());
        return wires[wires.length - 1] as Wire;
      },
      opened: () => (seen.opened += 1),
      heard: (message) => heard.push(message),
      lost: () => (seen.lost += 1),
      waiting: (ms) => seen.pauses.push(ms),
      ended: (problem) => seen.ended.push(problem),
    },
    time.later,
    () => 1,
  );
  void room.start();
  await settled();
  const open = async () => {
    await settled();
    const wire = wires[wires.length - 1];
    assert.ok(wire?.onopen, "no connection is being made");
    wire.onopen();
    return wire;
  };
  const dialed = () => seen.dials.map(({ at }) => at);
  return { room, time, wires, seen, heard, open, dialed };
}

const close = (wire: Wire, code: number, reason = "") => wire.onclose?.({ code, reason });
const hear = (wire: Wire, message: object) => wire.onmessage?.({ data: JSON.stringify(message) });

test("pauses take their whole length by chance, double, and stay bounded", () => {
  assert.deepEqual([1, 2, 3].map((attempt) => jitter(attempt, 1)), [500, 1_000, 2_000]);
  assert.equal(jitter(3, 0), 0);
  assert.equal(jitter(60, 1), 20_000);
});

test("what is heard is handed on, and what is no message is overlooked", async () => {
  const { room, heard, open } = await socket();
  assert.equal(room.say({ typing: true }), false);
  const wire = await open();
  assert.equal(room.say({ typing: true }), true);
  assert.deepEqual(wire.sent, ['{"typing":true}']);
  wire.onmessage?.({ data: "nonsense" });
  hear(wire, { resumed: { from: 1, to: 2 } });
  assert.deepEqual(heard, [{ resumed: { from: 1, to: 2 } }]);
});

test("a lost connection is made again, after longer and longer pauses", async () => {
  const { time, seen, open, dialed } = await socket();
  for (const code of [1006, 4002, 4399]) {
    close(await open(), code);
    await time.pass(4_000);
  }
  assert.deepEqual([seen.opened, seen.lost, seen.ended], [3, 3, []]);
  assert.deepEqual(dialed(), [0, 500, 5_000, 10_000]);
  assert.deepEqual(seen.pauses, [500, 1_000, 2_000]);
});

test("a connection that lasted makes the next pause short again", async () => {
  const { time, open, dialed } = await socket(new Problem(503, "busy", ""), new Problem(0, "unreachable", ""));
  await time.pass(1_500);
  const wire = await open();
  await time.pass(10_000);
  close(wire, 4008);
  await time.pass(500);
  assert.deepEqual(dialed(), [0, 500, 1_500, 12_000]);
});

test("a draining server says when to come back", async () => {
  const { time, seen, open, dialed } = await socket();
  const wire = await open();
  hear(wire, { drain: { retry_after_ms: 1_700 } });
  close(wire, 4001, "draining");
  await time.pass(5_000);
  assert.deepEqual([dialed(), seen.pauses], [[0, 1_700], [1_700]]);
});

test("an expired token is renewed before the next connection, once", async () => {
  const { time, seen, open } = await socket();
  close(await open(), 4401);
  await time.pass(1_000);
  close(await open(), 1006);
  await time.pass(4_000);
  assert.deepEqual(seen.dials.map(({ renewed }) => renewed), [false, true, false]);
});

test("some ends are for good, and say why", async () => {
  for (const [code, expected] of [
    [4403, "not_a_member"],
    [4400, "connection_ended"],
    [4500, "connection_ended"],
    [4999, "connection_ended"],
  ] as const) {
    const { time, seen, open, dialed, room } = await socket();
    close(await open(), code, "because");
    await time.pass(60_000);
    assert.deepEqual([seen.ended.map((problem) => problem.code), dialed()], [[expected], [0]], String(code));
    assert.ok(seen.ended[0]?.message, "nothing to show");
    assert.equal(room.say({}), false);
  }
  const { time, seen, dialed } = await socket(new Problem(403, "not_a_member", "No."));
  await time.pass(60_000);
  assert.deepEqual([seen.ended.map(({ code }) => code), dialed()], [["not_a_member"], [0]]);
});

test("a silent connection is given up", async () => {
  const { time, wires, seen, open, dialed } = await socket();
  const wire = await open();
  await time.pass(44_000);
  hear(wire, { heartbeat: { epoch: "e1", seq: 1, server_ms: 1 } });
  await time.pass(44_999);
  assert.deepEqual([seen.lost, wire.closed], [0, false]);
  await time.pass(501);
  assert.deepEqual([seen.lost, wires[0]?.closed, dialed()], [1, true, [0, 89_500]]);
});

test("a connection that does not come about is given up", async () => {
  const { time, seen, dialed } = await socket();
  await time.pass(15_500);
  assert.deepEqual([dialed(), seen.lost], [[0, 15_500], 0]);
});

test("a nudge ends a pause, and asks an open connection to prove itself", async () => {
  const { room, time, seen, open, dialed } = await socket(new Problem(0, "unreachable", ""));
  room.nudge();
  const wire = await open();
  room.nudge();
  assert.deepEqual(wire.sent, ['{"clock":{"t0":0}}']);
  await time.pass(4_000);
  hear(wire, { clock: { t0: 0, t1: 1, t2: 1 } });
  await time.pass(10_000);
  assert.equal(seen.lost, 0);
  room.nudge();
  await time.pass(5_000);
  assert.equal(seen.lost, 1);
  assert.deepEqual(dialed(), [0, 0]);
});

test("who closes hears and dials nothing more", async () => {
  const { room, time, seen, open, dialed } = await socket();
  const wire = await open();
  room.close();
  await time.pass(100_000);
  assert.deepEqual([wire.closed, seen.lost, seen.ended, dialed()], [true, 0, [], [0]]);
});

test("whose room was closed comes back to see it opened again", async () => {
  const { time, seen, open } = await socket();
  close(await open(), 4404, "room closed");
  await time.pass(1_000);
  await open();
  assert.deepEqual([seen.opened, seen.ended], [2, []]);
});

test("nothing is said to a connection that is closing", async () => {
  const { room, open } = await socket();
  const wire = await open();
  wire.readyState = 2;
  assert.equal(room.say({ typing: true }), false);
  assert.deepEqual(wire.sent, []);
});
