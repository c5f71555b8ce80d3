import assert from "node:assert/strict";
import { webcrypto } from "node:crypto";
import { test } from "node:test";
import { Api, pauseBefore } from "../src/net/api";
import { Problem } from "../src/net/problem";

// Browsers have it as a global, Node only from version 20 on.
globalThis.crypto ??= webcrypto as Crypto;

type Step = Response | Error;

/** An Api whose server answers with the given steps, and what it was asked. */
function scripted(...steps: Step[]) {
  const asked: { url: string; init: RequestInit }[] = [];
  const api = new Api({
    fetch: async (url, init) => {
      asked.push({ url, init });
      const step = steps[asked.length - 1] ?? steps[steps.length - 1];
      if (!(step instanceof Response)) throw step ?? new Error("no step");
      return step.clone();
    },
    sleep: async () => undefined,
  });
  const header = (at: number, name: string) => new Headers(asked[at]?.init.headers).get(name);
  return { api, asked, header };
}

const json = (status: number, body: unknown) => new Response(JSON.stringify(body), { status });
const done = () => json(200, { seq: 1, position: 1, events: [] });

test("a command is repeated under the same key after a network failure and a 503", async () => {
  const { api, asked, header } = scripted(new TypeError("offline"), json(503, {}), done());
  await api.command("room_1", { type: "playback.play" });
  assert.equal(asked.length, 3);
  const keys = [0, 1, 2].map((at) => header(at, "idempotency-key"));
  assert.ok(keys[0], "the first call has no key");
  assert.deepEqual(new Set(keys), new Set([keys[0]]));
});

test("two commands have two keys", async () => {
  const { api, header } = scripted(done());
  await api.command("room_1", { type: "playback.play" });
  await api.command("room_1", { type: "playback.play" });
  assert.notEqual(header(0, "idempotency-key"), header(1, "idempotency-key"));
});

test("a refusal is not repeated and carries code and detail", async () => {
  const { api, asked } = scripted(json(403, { code: "forbidden", title: "Forbidden", detail: "Only the owner may." }));
  await assert.rejects(api.command("room_1", { type: "room.close" }), (error: unknown) => {
    assert.ok(error instanceof Problem);
    assert.deepEqual([error.status, error.code, error.message], [403, "forbidden", "Only the owner may."]);
    return true;
  });
  assert.equal(asked.length, 1);
});

test("an unreachable server is given up after five attempts", async () => {
  const { api, asked } = scripted(new TypeError("offline"));
  await assert.rejects(api.command("room_1", { type: "playback.play" }), { code: "unreachable" });
  assert.equal(asked.length, 5);
});

test("a guest is not created twice, nor with an old token", async () => {
  const { api, asked, header } = scripted(json(503, {}));
  api.token = "old";
  await assert.rejects(api.createGuest("Ana"), { status: 503 });
  assert.equal(asked.length, 1);
  assert.equal(header(0, "authorization"), null);
});

test("an answer that is no JSON is a problem that can be shown", async () => {
  const { api } = scripted(new Response("<html>", { status: 502 }));
  await assert.rejects(api.room("room_1"), { code: "http_502", message: "The server answered 502." });
});

test("pauses double, are spread, and stay bounded", () => {
  assert.deepEqual([1, 2, 3].map((attempt) => pauseBefore(attempt, 1)), [300, 600, 1_200]);
  assert.equal(pauseBefore(2, 0), 300);
  assert.equal(pauseBefore(50, 1), 8_000);
});

test("a token is renewed with the old one, repeated while it may help, and used from then on", async () => {
  const { api, asked, header } = scripted(json(503, {}), json(201, { access_token: "new" }), done());
  api.token = "old";
  assert.equal(await api.renew(), "new");
  await api.command("room_1", { type: "playback.play" });
  assert.deepEqual([0, 1, 2].map((at) => header(at, "authorization")), ["Bearer old", "Bearer old", "Bearer new"]);
  assert.equal(asked[1]?.url, "/v1/tokens");
});
