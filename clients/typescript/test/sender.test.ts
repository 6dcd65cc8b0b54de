// Batching, back-off, splitting and overflow, with a clock that waits for nobody.
import assert from "node:assert/strict";
import { test } from "node:test";
import { Bench, accepted, refusal, unreachable, type Sent } from "./fakes.ts";

test("events linger for others, but a full batch goes at once", async () => {
  const bench = await Bench.of([], { batchEvents: 3, lingerMs: 1000 });
  assert.equal(bench.sender.wait(), undefined);
  bench.track("a");
  bench.clock.passed = 400;
  bench.track("b");
  assert.equal(bench.sender.wait(), 600);
  assert.equal(bench.sender.wait(true), 0);
  bench.track("c");
  assert.equal(bench.sender.wait(), 0);
  await bench.send();
  assert.deepEqual(bench.line.ids, [["a", "b", "c"]]);
  assert.equal(bench.sender.wait(), undefined);
});

test("a batch is bounded in bytes of UTF-8, and one large event goes alone", async () => {
  const bench = await Bench.of([], { batchBytes: 300, lingerMs: 10_000 });
  bench.track("a", { text: "é".repeat(50) });
  bench.track("b", { text: "é".repeat(50) });
  bench.track("c", { text: "x".repeat(1000) });
  assert.equal(bench.sender.wait(), 0);
  await bench.run();
  assert.deepEqual(bench.line.ids, [["a"], ["b"], ["c"]]);
});

test("every sending has its own sent_at, and the same id and time", async () => {
  const bench = await Bench.of([unreachable], { backoffFirstMs: 2000 });
  bench.track("a");
  await bench.run();
  const [first, second] = bench.line.requests.map((events) => events[0]!);
  assert.equal(first!.sent_at, "2023-11-14T22:13:20.000Z");
  assert.equal(second!.sent_at, "2023-11-14T22:13:22.000Z");
  assert.deepEqual({ ...first, sent_at: "" }, { ...second, sent_at: "" });
  assert.equal(first!.time, "2023-11-14T22:13:20.000Z");
});

test("the back-off doubles up to its longest, and starts anew after a success", async () => {
  const bench = await Bench.of(Array(6).fill(unreachable), { backoffFirstMs: 1000, backoffLongestMs: 10_000 });
  bench.track("a");
  await bench.run();
  assert.deepEqual(bench.problems.map((p) => p.retryInMs), [1000, 2000, 4000, 8000, 10_000, 10_000]);
  assert.equal(bench.problems[0]!.why, "TypeError: fetch failed");
  bench.line.replies = [unreachable];
  bench.track("b");
  await bench.run();
  assert.equal(bench.problems.at(-1)!.retryInMs, 1000);
});

for (const [chance, wait] of [[0, 2000], [0.5, 3000], [1, 4000]] as const) {
  test(`the back-off has jitter of a half: ${chance}`, async () => {
    const bench = await Bench.of([unreachable], { chance, backoffFirstMs: 4000 });
    bench.track("a");
    await bench.run();
    assert.equal(bench.problems[0]!.retryInMs, wait);
  });
}

for (const [status, header, ms] of [
  [429, "30", 30_000], [503, "30", 30_000], [507, "30", 30_000], [503, "99999999", 3_600_000],
  [503, "Tue, 14 Nov 2023 22:13:50 GMT", 30_000], [503, "nonsense", 1000], [503, "-5", 1000], [503, "", 1000],
] as const) {
  test(`Retry-After is obeyed even by a flush: ${status} ${header}`, async () => {
    const bench = await Bench.of([refusal(status, header)], { backoffFirstMs: 1000 });
    bench.track("a");
    await bench.send();
    assert.equal(bench.sender.wait(true), ms);
    await bench.run();
    assert.deepEqual(bench.line.ids, [["a"], ["a"]]);
    assert.equal(bench.problems[0]!.status, status);
  });
}

test("a body that is too large is sent in halves", async () => {
  const smallOnly = (events: Sent[]) => (events.length <= 2 ? accepted(events) : refusal(413));
  const bench = await Bench.of(Array(50).fill(smallOnly), { batchEvents: 8 });
  for (let n = 0; n < 8; n++) bench.track(`${n}`);
  await bench.run();
  assert.deepEqual(bench.line.ids.map((ids) => ids.length).slice(0, 4), [8, 4, 2, 4]);
  assert.deepEqual(bench.verdicts.map((v) => v.id), ["0", "1", "2", "3", "4", "5", "6", "7"]);
  assert.deepEqual(bench.problems, []);
});

test("an event that is too large alone is given up and told", async () => {
  const notB = (events: Sent[]) => (events.some((e) => e.id === "b") ? refusal(413) : accepted(events));
  const bench = await Bench.of(Array(50).fill(notB));
  for (const id of "abc") bench.track(id);
  await bench.run();
  assert.deepEqual(bench.dropped.map(({ id, reason }) => [id, reason]), [["b", "too_large"]]);
  assert.deepEqual(bench.verdicts.map((v) => v.id), ["a", "c"]);
});

test("only a collector can refuse an event for good", async () => {
  const proxy = { status: 400, body: "<html>Bad Request</html>", retryAfter: null };
  const bench = await Bench.of([proxy, refusal(400)]);
  bench.track("a");
  await bench.run();
  assert.deepEqual(bench.problems.map((p) => p.status), [400]);
  assert.deepEqual(bench.dropped.map(({ id, reason }) => [id, reason]), [["a", "refused"]]);
});

for (const status of [0, 301, 401, 403, 404, 405, 408, 415, 425, 500, 502]) {
  test(`what may be mended outside keeps the events and is told: ${status}`, async () => {
    const bench = await Bench.of([refusal(status)]);
    bench.track("a");
    await bench.run();
    assert.deepEqual(bench.line.ids, [["a"], ["a"]]);
    assert.deepEqual(bench.problems.map((p) => [p.status, p.events, p.why]), [[status, 1, `${status} It is wrong. Mend it.`]]);
    assert.deepEqual(bench.dropped, []);
  });
}

for (const body of [
  "<html>Sign in to the network</html>", "", "{}", "[]", "null", '{"results": []}',
  '{"results": [{"id": "other", "verdict": "accepted"}]}', '{"results": [{"id": "a", "verdict": "maybe"}]}',
  '{"results": ["a"]}',
]) {
  test(`a 200 of something else takes nothing out of the queue: ${body}`, async () => {
    const bench = await Bench.of([{ status: 200, body, retryAfter: null }]);
    bench.track("a");
    await bench.send();
    assert.equal(bench.sender.count, 1);
    assert.deepEqual(bench.verdicts, []);
    await bench.run();
    assert.equal(bench.sender.stats.delivered, 1);
  });
}

test("every verdict is told with its violations", async () => {
  const violations = [{ pointer: "/params/x", rule: "type" }];
  const results = [{ id: "a", verdict: "accepted" }, { id: "b", verdict: "quarantined", violations }];
  const bench = await Bench.of([{ status: 200, body: JSON.stringify({ results }), retryAfter: null }]);
  bench.track("a");
  bench.track("b");
  await bench.run();
  assert.deepEqual(bench.verdicts, [
    { id: "a", verdict: "accepted", violations: [] }, { id: "b", verdict: "quarantined", violations },
  ]);
  assert.equal(bench.sender.stats.verdicts.quarantined, 1);
  assert.equal(bench.sender.count, 0);
});

test("a full queue drops the newest and says so", async () => {
  const bench = await Bench.of([], { queueEvents: 2 });
  for (const id of "abc") bench.track(id);
  assert.deepEqual(bench.dropped.map(({ id, reason }) => [id, reason]), [["c", "queue_full"]]);
  await bench.run();
  assert.deepEqual(bench.line.ids, [["a", "b"]]);
});

test("a full queue drops the oldest, but never what is under way", async () => {
  const bench = await Bench.of([], { queueEvents: 3, overflow: "oldest", batchEvents: 2 });
  bench.line.replies = [(events) => {
    for (const id of "de") bench.track(id); // while a and b are under way
    return accepted(events);
  }];
  for (const id of "abc") bench.track(id);
  await bench.run();
  assert.deepEqual(bench.dropped.map((d) => d.id), ["c", "d"]);
  assert.deepEqual(bench.line.ids, [["a", "b"], ["e"]]);
});

test("an event over the size limit is not queued", async () => {
  const bench = await Bench.of([], { eventBytes: 200 });
  bench.track("a", { text: "x".repeat(200) });
  assert.deepEqual(bench.dropped.map(({ id, reason }) => [id, reason]), [["a", "too_large"]]);
  assert.equal(bench.sender.wait(), undefined);
});

test("a token is sent, may be renewed, and may fail", async () => {
  const tokens = ["one", undefined, "two"];
  const bench = await Bench.of([refusal(401)], {
    token: () => tokens.shift() ?? assert.fail("no token"),
  });
  bench.track("a");
  await bench.run();
  assert.deepEqual(bench.line.headers.map((h) => h["authorization"]), ["Bearer one", "Bearer two"]);
  assert.match(bench.problems[1]!.why, /no token/);
});

test("every event is delivered, dropped or queued, whatever happens", async () => {
  const steps = ["track", "send", "fail", "413", "400", "portal"] as const;
  let seed = 7;
  const next = () => (seed = (seed * 1_103_515_245 + 12_345) % 2 ** 31) / 2 ** 31;
  const replies = {
    send: accepted, fail: unreachable, "413": refusal(413), "400": refusal(400),
    portal: { status: 200, body: "hello", retryAfter: null },
  };
  for (let round = 0; round < 300; round++) {
    const bench = await Bench.of([], { queueEvents: 5, batchEvents: 3, overflow: round % 2 ? "newest" : "oldest" });
    let tracked = 0;
    for (let step = 0; step < 30; step++) {
      const what = next() < 0.5 ? "track" : steps[1 + Math.floor(next() * 5)]!;
      if (what === "track") bench.track(`e${tracked++}`);
      else {
        bench.line.replies = [replies[what]];
        await bench.send();
      }
    }
    const { delivered, dropped } = bench.sender.stats;
    const gone = Object.values(dropped).reduce((a, b) => a + b);
    assert.equal(tracked, delivered + gone + bench.sender.count);
    bench.line.replies = [];
    await bench.run();
    const seen = [...bench.verdicts, ...bench.dropped].map((one) => one.id).sort();
    assert.deepEqual(seen, Array.from({ length: tracked }, (_, n) => `e${n}`).sort());
  }
});
