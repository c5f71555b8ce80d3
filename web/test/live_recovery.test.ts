import assert from "node:assert/strict";
import { test } from "node:test";
import type { Later } from "../src/net/later";
import { Recovery, type LiveStatus, type LiveTold } from "../src/live/recovery";
import { failureOf, liveSources, type Failure, type LiveSource } from "../src/live/source";

const BOTH: LiveSource[] = [
  { format: "flv", url: "/live/r.flv" },
  { format: "hls", url: "/live/r/index.m3u8" },
];

/** A viewer on a clock that is moved by hand. */
class Viewer {
  nowMs = 0;
  sources: readonly LiveSource[] | Error | "silent" = BOTH;
  /** When it was asked where the stream is. */
  readonly asked: number[] = [];
  /** Each attempt, with what was told of it last, and whether it was stopped. */
  readonly played: { format: string; told: LiveTold; stopped: boolean }[] = [];
  status: LiveStatus = { kind: "off" };
  /** What is answered to a look for a format that is not played, and when it was looked for. */
  there = false;
  readonly looked: [atMs: number, format: string][] = [];
  readonly recovery: Recovery;
  private due: { at: number; then: () => void }[] = [];

  constructor(random = 1) {
    const later: Later = (ms, then) => {
      const timer = { at: this.nowMs + ms, then };
      this.due.push(timer);
      return () => void (this.due = this.due.filter((other) => other !== timer));
    };
    this.recovery = new Recovery({
      ask: () => this.ask(),
      play: ({ format }, told) => {
        const attempt = { format, told, stopped: false };
        this.played.push(attempt);
        return () => (attempt.stopped = true);
      },
      isThere: ({ format }) => (this.looked.push([this.nowMs, format]), Promise.resolve(this.there)),
      changed: (status) => (this.status = status),
      later,
      random: () => random,
    });
  }

  get last() {
    const last = this.played.at(-1);
    assert.ok(last !== undefined, "nothing was played");
    return last;
  }

  get waiting(): number {
    return this.due.length;
  }

  /** Lets what was asked be answered. */
  async settle(): Promise<void> {
    for (let turns = 0; turns < 5; turns += 1) await Promise.resolve();
  }

  async pass(ms: number): Promise<void> {
    const end = this.nowMs + ms;
    await this.settle();
    for (let next = this.next(end); next !== undefined; next = this.next(end)) {
      this.due = this.due.filter((timer) => timer !== next);
      this.nowMs = Math.max(this.nowMs, next.at);
      next.then();
      await this.settle();
    }
    this.nowMs = end;
  }

  async begin(): Promise<void> {
    this.recovery.go(1);
    await this.settle();
    this.last.told.playing();
  }

  async fail(failure: Failure): Promise<void> {
    this.last.told.failed(failure);
    await this.settle();
  }

  private next(end: number) {
    return this.due.filter(({ at }) => at <= end).sort((one, other) => one.at - other.at)[0];
  }

  private ask(): Promise<readonly LiveSource[]> {
    this.asked.push(this.nowMs);
    if (this.sources === "silent") return new Promise(() => undefined);
    return this.sources instanceof Error ? Promise.reject(this.sources) : Promise.resolve(this.sources);
  }
}

const formats = ({ played }: Viewer) => played.map(({ format }) => format);

test("a stream is asked for once and played with little delay", async () => {
  const viewer = new Viewer();
  await viewer.begin();
  assert.deepEqual([viewer.status, formats(viewer)], [{ kind: "playing", format: "flv" }, ["flv"]]);
  viewer.recovery.go(1);
  await viewer.settle();
  assert.equal(viewer.played.length, 1, "the same stream is not begun again");
});

test("what breaks is tried again ever more rarely, each time where the server says it is now", async () => {
  const viewer = new Viewer();
  viewer.sources = new Error("no server");
  viewer.recovery.go(1);
  await viewer.pass(60_000);
  const pauses = viewer.asked.slice(1).map((at, index) => at - (viewer.asked[index] ?? 0));
  assert.deepEqual(pauses.slice(0, 5), [1_000, 2_000, 4_000, 5_000, 5_000]);
  assert.ok(pauses.every((ms) => ms <= 5_000), String(pauses));
  assert.equal(viewer.status.kind, "waiting");
});

test("viewers do not come back together, and none before half a second", async () => {
  const eager = new Viewer(0);
  eager.sources = new Error("no server");
  eager.recovery.go(1);
  await eager.pass(400);
  assert.equal(eager.asked.length, 1);
  await eager.pass(200);
  assert.equal(eager.asked.length, 2);
});

test("who plays again without a reload is back at the first pause once it is steady", async () => {
  const viewer = new Viewer();
  await viewer.begin();
  await viewer.fail("broken");
  assert.deepEqual([viewer.status.kind, viewer.last.stopped], ["waiting", true]);
  await viewer.pass(1_000);
  viewer.last.told.playing();
  for (let ms = 0; ms < 12_000; ms += 500) {
    viewer.last.told.moved();
    await viewer.pass(500);
  }
  assert.equal(viewer.status.kind, "playing");
  await viewer.fail("broken");
  await viewer.pass(1_000);
  assert.deepEqual([viewer.status.kind, formats(viewer)], ["connecting", ["flv", "flv", "flv"]]);
});

test("little delay that fails twice in a row gives way to segments, and those to it", async () => {
  const viewer = new Viewer();
  await viewer.begin();
  for (let times = 0; times < 4; times += 1) {
    await viewer.fail("broken");
    await viewer.pass(5_000);
  }
  assert.deepEqual(formats(viewer), ["flv", "flv", "hls", "hls", "flv"]);
});

test("a stream that another node has is watched in segments, after a second look", async () => {
  const viewer = new Viewer();
  viewer.recovery.go(1);
  await viewer.settle();
  await viewer.fail("elsewhere");
  await viewer.pass(1_000);
  await viewer.fail("elsewhere");
  assert.deepEqual([formats(viewer), viewer.nowMs], [["flv", "flv", "hls"], 1_000]);
  viewer.sources = BOTH.slice(0, 1);
  await viewer.fail("broken");
  await viewer.pass(5_000);
  const before = viewer.played.length;
  for (let times = 0; times < 20; times += 1) await viewer.fail("elsewhere");
  assert.ok(viewer.played.length <= before + 1, "without segments it does not spin");
});

test("little delay is back as soon as it is to be had, and is looked for ever more rarely", async () => {
  const viewer = new Viewer();
  await viewer.begin();
  await viewer.fail("broken");
  await viewer.pass(1_000);
  await viewer.fail("broken");
  viewer.last.told.playing();
  assert.equal(viewer.last.format, "hls");
  const plays = async (ms: number) => {
    for (let past = 0; past < ms; past += 1_000) {
      viewer.last.told.moved();
      await viewer.pass(1_000);
    }
  };
  await plays(80_000);
  assert.deepEqual(viewer.looked.map(([at, format]) => [at - 1_000, format]), [[5_000, "flv"], [15_000, "flv"], [35_000, "flv"], [75_000, "flv"]]);
  assert.deepEqual([viewer.played.length, viewer.status.kind], [3, "playing"], "what plays goes on");
  viewer.there = true;
  await plays(60_000);
  assert.equal(viewer.last.format, "flv");
});

test("who prefers segments is not taken away from them", async () => {
  const viewer = new Viewer();
  viewer.there = true;
  viewer.recovery.prefer("hls");
  viewer.recovery.go(1);
  await viewer.settle();
  viewer.last.told.playing();
  for (let past = 0; past < 60_000; past += 1_000) {
    viewer.last.told.moved();
    await viewer.pass(1_000);
  }
  assert.deepEqual([formats(viewer), viewer.looked], [["hls"], []]);
});

test("an address that ran out is asked for anew at once, but not again and again", async () => {
  const viewer = new Viewer();
  await viewer.begin();
  await viewer.fail("expired");
  assert.deepEqual([viewer.asked.length, viewer.status.kind], [2, "connecting"]);
  await viewer.fail("expired");
  assert.equal(viewer.status.kind, "waiting");
});

test("the first segment is waited for without losing patience", async () => {
  const viewer = new Viewer(0.5);
  viewer.recovery.prefer("hls");
  viewer.recovery.go(1);
  await viewer.settle();
  for (let times = 0; times < 4; times += 1) {
    await viewer.fail("not_yet");
    assert.equal(viewer.status.kind, "waiting");
    await viewer.pass(1_000);
  }
  assert.deepEqual(formats(viewer), ["hls", "hls", "hls", "hls", "hls"]);
});

test("what cannot be decoded is tried in the other format, and then said", async () => {
  const viewer = new Viewer();
  const kind = () => viewer.status.kind;
  viewer.recovery.go(1);
  await viewer.settle();
  await viewer.fail("codec");
  assert.deepEqual([formats(viewer), kind()], [["flv", "hls"], "connecting"]);
  for (let times = 0; times < 5; times += 1) {
    await viewer.fail("not_yet");
    assert.equal(kind(), "waiting", "the first segment takes its time");
    await viewer.pass(1_500);
  }
  await viewer.fail("not_yet");
  assert.equal(kind(), "connecting");
  await viewer.fail("not_yet");
  assert.equal(kind(), "unplayable");
  await viewer.pass(5_000);
  assert.deepEqual([formats(viewer).at(-1), kind()], ["hls", "unplayable"], "it is still said while it is tried");
  await viewer.fail("codec");
  await viewer.settle();
  assert.deepEqual([kind(), viewer.waiting], ["unplayable", 0], "there is nothing left to try");
  viewer.recovery.go(2);
  await viewer.settle();
  assert.equal(viewer.last.format, "flv", "another stream may be of another kind");
});

test("what stands still is broken, what moves is not", async () => {
  const viewer = new Viewer();
  await viewer.begin();
  for (let ms = 0; ms < 8_000; ms += 1_000) {
    viewer.last.told.moved();
    await viewer.pass(1_000);
  }
  assert.deepEqual([viewer.played.length, viewer.status.kind], [1, "playing"]);
  await viewer.pass(5_500);
  assert.equal(viewer.status.kind, "waiting");
});

test("a publisher that halts is no reason for more delay", async () => {
  const viewer = new Viewer();
  await viewer.begin();
  for (let times = 0; times < 2; times += 1) {
    await viewer.pass(11_000);
    viewer.last.told.playing();
  }
  assert.deepEqual(formats(viewer), ["flv", "flv", "flv"]);
});

test("what never begins, and a server that never answers, are not waited for without an end", async () => {
  const viewer = new Viewer();
  viewer.recovery.go(1);
  await viewer.pass(8_000);
  assert.equal(viewer.status.kind, "waiting");
  viewer.sources = "silent";
  await viewer.pass(1_000);
  assert.equal(viewer.asked.length, 2);
  await viewer.pass(8_000);
  assert.equal(viewer.status.kind, "waiting");
});

test("a stream that began again, and a network that is back, are not waited for", async () => {
  const viewer = new Viewer();
  await viewer.begin();
  await viewer.fail("broken");
  viewer.recovery.go(2);
  await viewer.settle();
  assert.deepEqual([viewer.status.kind, viewer.nowMs], ["connecting", 0]);
  await viewer.fail("broken");
  viewer.recovery.nudge();
  await viewer.settle();
  assert.deepEqual([viewer.status.kind, viewer.nowMs], ["connecting", 0]);
});

test("what a person prefers is played at once, and little delay again when it is chosen", async () => {
  const viewer = new Viewer();
  await viewer.begin();
  viewer.recovery.prefer("hls");
  await viewer.settle();
  assert.deepEqual([viewer.last.format, viewer.played[0]?.stopped], ["hls", true]);
  viewer.recovery.prefer("flv");
  await viewer.settle();
  assert.equal(viewer.last.format, "flv");
});

test("nothing is left of a stream that is over", async () => {
  const viewer = new Viewer();
  await viewer.begin();
  viewer.recovery.off();
  assert.deepEqual([viewer.status.kind, viewer.last.stopped, viewer.waiting], ["off", true, 0]);
  viewer.last.told.failed("broken");
  viewer.last.told.playing();
  await viewer.pass(60_000);
  assert.deepEqual([viewer.status.kind, viewer.played.length], ["off", 1]);
});

test("an answer that comes after the end is not played", async () => {
  const viewer = new Viewer();
  viewer.recovery.go(1);
  viewer.recovery.off();
  await viewer.settle();
  assert.equal(viewer.played.length, 0);
});

test("only what is under /live/ is the stream: before and after, the sources are those of the item", () => {
  const source = (url: string, format: string) => ({ url, format });
  const sources = [source("/live/r.flv?access=a", "flv"), source("/live/r/index.m3u8", "hls"), source("https://media.test/a.m3u8", "hls"), source("/live/r.webm", "webm")];
  assert.deepEqual(liveSources({ sources }), [
    { format: "flv", url: "/live/r.flv?access=a" },
    { format: "hls", url: "/live/r/index.m3u8" },
  ]);
});

test("the status of an answer tells what to do", () => {
  assert.deepEqual(
    [failureOf(401, "hls"), failureOf(404, "hls"), failureOf(404, "flv"), failureOf(503, "flv"), failureOf(503, "hls"), failureOf(0, "flv")],
    ["expired", "not_yet", "broken", "elsewhere", "broken", "broken"],
  );
});
