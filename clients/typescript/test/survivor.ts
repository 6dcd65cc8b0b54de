// Sends events until told to stop, for tests that kill the collector or this process:
// node survivor.ts URL QUEUE PREFIX COUNT [PAUSE_MS]
// Prints each id once it is tracked; at the end flushes, closes and prints the counts.
import { writeSync } from "node:fs";
import { Client, MemoryStore } from "../src/index.ts";
import { FileStore } from "../src/node.ts";

const [url, queue, prefix, count, pause] = process.argv.slice(2);
const client = new Client(url!, {
  store: queue === "memory" ? new MemoryStore() : new FileStore(queue!),
  options: { batchEvents: 100, lingerMs: 50, timeoutMs: 5000, backoffFirstMs: 50, backoffLongestMs: 500 },
});
let stop = false;
process.on("SIGTERM", () => (stop = true));
for (let number = 0; number < Number(count) && !stop; number++) {
  const id = client.track({
    id: `${prefix}${number}`, name: "purchase_item_shop", version: 1, user_id: `u${number % 50}`,
    params: { quantity: (number % 9) + 1, price: number / 7 },
  });
  writeSync(1, `${id}\n`);
  if (number % 10 === 0) await new Promise((resolve) => setTimeout(resolve, Number(pause ?? 0)));
}
const flushed = await client.flush(30_000);
const left = await client.close();
writeSync(1, `${JSON.stringify({ flushed, left, ...client.stats })}\n`);
