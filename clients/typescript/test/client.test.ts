// The client as an app uses it: ids, deadlines, stores, and fetch as it really fails.
import assert from "node:assert/strict";
import { appendFileSync, existsSync, mkdtempSync, readFileSync, readdirSync, truncateSync, writeFileSync } from "node:fs";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { Client, InvalidEvent, LocalStorageStore, uuid7, uuid7Maker, type EventInput } from "../src/index.ts";
import { FileStore } from "../src/node.ts";
import { Bench, Line, accepted, refusal, unreachable, type Sent } from "./fakes.ts";

const EVENT = { name: "click_item_home", version: 1, params: { item_id: 1 } };
const QUICK = { lingerMs: 10, backoffFirstMs: 10, backoffLongestMs: 20 };
const folder = () => mkdtempSync(join(tmpdir(), "weir-client-"));
const forms = /^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/;

test("an id is a UUID of version 7 that only grows", () => {
  const made = Array.from({ length: 5000 }, () => uuid7());
  assert.deepEqual(made, [...new Set(made)].sort());
  assert.ok(made.every((id) => forms.test(id)));
  assert.ok(Math.abs(parseInt(made[0]!.replace("-", "").slice(0, 12), 16) - Date.now()) < 60_000);
});

test("ids grow when the clock steps back or stands still", () => {
  const moments = [1000, 999, 0];
  const make = uuid7Maker(() => moments.shift() ?? 1000, (bytes) => bytes.fill(255));
  const made = Array.from({ length: 9000 }, make);
  assert.deepEqual(made, [...new Set(made)].sort());
});

test("an event gets id and time when it is tracked, and keeps its own", async () => {
  const line = new Line();
  const client = new Client("http://unused", { transport: line, options: QUICK, context: { platform: "web" } });
  const made = client.track(EVENT);
  const own = { id: "mine", time: "2026-01-01T00:00:00Z", platform: "ios" };
  assert.equal(client.track({ ...EVENT, ...own, sent_at: "never" } as EventInput), "mine");
  assert.equal(await client.close(), 0);
  const [first, second] = line.requests.flat();
  assert.match(made, forms);
  assert.deepEqual([first!.id, first!["platform"]], [made, "web"]);
  assert.deepEqual([second!.id, second!.time, second!["platform"]], ["mine", own.time, "ios"]);
  assert.notEqual(second!.sent_at, "never");
});

const cycle: Record<string, unknown> = {};
cycle["self"] = cycle;
for (const [why, wrong] of Object.entries({
  "no name": {}, "empty name": { name: "" }, "number as name": { name: 7 }, "empty id": { ...EVENT, id: "" },
  "long id": { ...EVENT, id: "x".repeat(201) }, "control in id": { ...EVENT, id: "a\0b" },
  "half a character in id": { ...EVENT, id: "\ud800" }, NaN: { ...EVENT, params: { x: NaN } },
  BigInt: { ...EVENT, params: { x: 1n } }, cycle: { ...EVENT, params: cycle },
})) {
  test(`wrong use is told at once: ${why}`, async () => {
    const client = new Client("http://unused", { transport: new Line() });
    assert.throws(() => client.track(wrong as EventInput), InvalidEvent);
    assert.equal(client.queued, 0);
    await client.close();
  });
}

test("flush says whether everything is sent", async () => {
  const line = new Line(unreachable, unreachable);
  const client = new Client("http://unused", { transport: line, options: { lingerMs: 60_000, backoffFirstMs: 10 } });
  client.track(EVENT);
  assert.equal(await client.flush(5000), true);
  line.replies = [refusal(503, "60")];
  client.track(EVENT);
  assert.equal(await client.flush(100), false);
  assert.equal(client.queued, 1);
  assert.equal(await client.close(50), 1);
});

test("close tells what memory loses, and track is over", async () => {
  const dropped: string[] = [];
  const client = new Client("http://unused", {
    transport: new Line(...Array(1000).fill(unreachable)), options: QUICK,
    onDrop: ({ id, reason }) => dropped.push(`${id} ${reason}`),
  });
  const id = client.track(EVENT);
  assert.equal(await client.close(50), 1);
  assert.deepEqual(dropped, [`${id} closed`]);
  assert.throws(() => client.track(EVENT), /closed/);
  assert.equal(await client.close(), 0);
});

test("a file keeps what was not sent, for the next client", async () => {
  const path = join(folder(), "queue");
  const first = new Client("http://unused", {
    store: new FileStore(path), transport: new Line(...Array(1000).fill(unreachable)), options: QUICK,
  });
  const ids = [first.track(EVENT), first.track(EVENT)];
  assert.equal(await first.close(50), 2);
  const line = new Line();
  const second = new Client("http://unused", { store: new FileStore(path), transport: line, options: QUICK });
  ids.push(second.track(EVENT));
  assert.equal(await second.flush(), true);
  assert.equal(second.stats.found, 2);
  assert.deepEqual(line.ids.flat(), ids);
  await second.close();
  assert.equal(readFileSync(path, "utf8").split("\n").filter((l) => l.startsWith('["-"')).length, 1);
  const third = new FileStore(path);
  assert.deepEqual(third.load(), []);
  third.close();
});

test("a last line that was cut short is left out, and the next is whole", () => {
  const path = join(folder(), "queue");
  const store = new FileStore(path);
  store.load();
  store.add({ key: "1", id: "a", text: '{"é":1}' });
  store.add({ key: "2", id: "b", text: "{}" });
  store.close();
  truncateSync(path, readFileSync(path).length - 3);
  const again = new FileStore(path);
  assert.deepEqual(again.load(), [{ key: "1", id: "a", text: '{"é":1}' }]);
  again.add({ key: "3", id: "c", text: "{}" });
  again.close();
  const last = new FileStore(path);
  assert.deepEqual(last.load().map((one) => one.id), ["a", "c"]);
  last.close();
});

test("a damaged file is set aside whole, and told", async () => {
  const path = join(folder(), "queue");
  writeFileSync(path, '["+","1","a","{}"]\nnot json\n');
  const bench = new Bench([], { store: new FileStore(path) });
  await bench.sender.load();
  assert.match(bench.problems[0]!.why, /damaged and was set aside/);
  const aside = readdirSync(join(path, "..")).find((name) => name.includes("damaged"));
  assert.equal(readFileSync(join(path, "..", aside!), "utf8"), '["+","1","a","{}"]\nnot json\n');
  bench.track("b");
  await bench.run();
  assert.deepEqual(bench.line.ids, [["b"]]);
});

test("a file that was much used is written anew", () => {
  const path = join(folder(), "queue");
  const store = new FileStore(path);
  store.load();
  for (let n = 0; n < 3000; n++) {
    store.add({ key: `${n}`, id: "a", text: "x".repeat(100) });
    if (n > 0) store.remove([`${n}`]);
  }
  store.close();
  assert.ok(readFileSync(path).length < 160_000, "3,000 events would be 370,000 bytes");
  const again = new FileStore(path);
  assert.deepEqual(again.load().map((one) => one.key), ["0"]);
  again.close();
});

test("one process at a time has the file; a killed one's lock is taken over", () => {
  const path = join(folder(), "queue");
  const store = new FileStore(path);
  assert.throws(() => new FileStore(path), /in use by process/);
  store.close();
  writeFileSync(`${path}.lock`, "999999999");
  new FileStore(path).close();
  assert.equal(existsSync(`${path}.lock`), false);
});

class FakeStorage {
  items = new Map<string, string>();
  quota = Infinity;
  get length() {
    return this.items.size;
  }
  key = (index: number) => [...this.items.keys()][index] ?? null;
  getItem = (name: string) => this.items.get(name) ?? null;
  setItem = (name: string, value: string) => {
    if (this.items.size >= this.quota) throw new Error("QuotaExceededError");
    this.items.set(name, value);
  };
  removeItem = (name: string) => void this.items.delete(name);
  clear = () => this.items.clear();
  [name: string]: unknown;
}

test("localStorage keeps events in order, beside what is not ours", async () => {
  const storage = new FakeStorage();
  storage.setItem("theme", "dark");
  const bench = await Bench.of([unreachable], { store: new LocalStorageStore(storage) });
  for (const id of "abc") bench.track(id);
  await bench.send();
  const next = await Bench.of([], { store: new LocalStorageStore(storage) });
  assert.equal(next.sender.stats.found, 3);
  await next.run();
  assert.deepEqual(next.line.ids, [["a", "b", "c"]]);
  assert.deepEqual([...storage.items.keys()], ["theme"]);
});

test("a full localStorage is told, and the event is sent all the same", async () => {
  const storage = new FakeStorage();
  storage.quota = 0;
  const bench = await Bench.of([], { store: new LocalStorageStore(storage) });
  bench.track("a");
  assert.match(bench.problems[0]!.why, /the store failed: QuotaExceeded/);
  await bench.run();
  assert.deepEqual(bench.line.ids, [["a"]]);
});

test("a store may answer later, and what is tracked meanwhile comes after what it held", async () => {
  const gone: string[] = [];
  const held = [{ key: "0", id: "old", text: '{"id":"old","name":"n"}' }];
  const store = {
    survives: true,
    load: () => new Promise<typeof held>((resolve) => setTimeout(resolve, 20, held)),
    add: async () => {},
    remove: async (keys: readonly string[]) => void gone.push(...keys),
  };
  const line = new Line();
  const client = new Client("http://unused", { store, transport: line, options: QUICK });
  const id = client.track(EVENT);
  assert.equal(await client.flush(), true);
  await client.close();
  assert.deepEqual(line.ids.flat(), ["old", id]);
  assert.equal(gone.length, 2);
});

async function serve(answer: (events: Sent[]) => string | undefined): Promise<{ server: Server; url: string; seen: string[] }> {
  const seen: string[] = [];
  const server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on("data", (chunk: Buffer) => chunks.push(chunk));
    request.on("end", () => {
      seen.push(`${request.url} ${request.headers["authorization"]}`);
      const body = answer(JSON.parse(Buffer.concat(chunks).toString()) as Sent[]);
      if (body !== undefined) response.end(body);
    });
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return { server, url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, seen };
}

test("fetch posts to the collector's path with the token", async () => {
  const { server, url, seen } = await serve((events) => accepted(events).body);
  const client = new Client(`${url}/some/path/`, { token: "secret", options: QUICK });
  client.track(EVENT);
  assert.equal(await client.close(), 0);
  assert.deepEqual(seen, ["/some/path/v1/batch Bearer secret"]);
  server.close();
});

test("close keeps its deadline while a request hangs", async () => {
  const { server, url } = await serve(() => undefined);
  const client = new Client(url, { options: QUICK });
  client.track(EVENT);
  const began = performance.now();
  assert.equal(await client.close(200), 1);
  assert.ok(performance.now() - began < 1000);
  server.closeAllConnections();
  server.close();
});

test("a request that hangs ends with its timeout", async () => {
  const { server, url } = await serve(() => undefined);
  const problems: string[] = [];
  const client = new Client(url, { options: { ...QUICK, timeoutMs: 100 }, onProblem: (p) => problems.push(p.why) });
  client.track(EVENT);
  assert.equal(await client.flush(400), false);
  assert.match(problems[0]!, /TimeoutError/);
  await client.close(0);
  server.closeAllConnections();
  server.close();
});

for (const url of ["", "events.example.com", "ftp://x", "http://"]) {
  test(`an address that cannot be is refused: ${url}`, () => {
    assert.throws(() => new Client(url), /must be http/);
  });
}

test("options that cannot be are refused", () => {
  for (const options of [{ batchEvents: 0 }, { timeoutMs: -1 }, { overflow: "none" as "newest" }]) {
    assert.throws(() => new Client("http://x", { options }), /cannot be/);
  }
});

test("appending to a file by hand is read", () => {
  const path = join(folder(), "queue");
  new FileStore(path).close();
  appendFileSync(path, '["+","1","a","{}"]\n["-","1"]\n');
  const store = new FileStore(path);
  assert.deepEqual(store.load(), []);
  store.close();
});
