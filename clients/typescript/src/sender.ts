// Decides when a batch is due, sends it, and acts on the answer. No timer here.
import { decide, type Decision } from "./answers.ts";
import { size, stamped } from "./events.ts";
import type { Store, Stored } from "./store.ts";
import type { Transport } from "./transport.ts";
import type { Callbacks, DropReason, Options, Stats } from "./types.ts";

/** Milliseconds since 1970, and milliseconds that never step back. */
export interface Clock {
  time(): number;
  monotonic(): number;
}

interface Waiting extends Stored {
  readonly number: number;
  readonly bytes: number;
}

export interface Parts {
  readonly store: Store;
  readonly transport: Transport;
  readonly options: Options;
  readonly callbacks: Callbacks;
  readonly token: string | (() => string) | undefined;
  readonly clock: Clock;
  readonly random: () => number;
  readonly newKey: () => string;
}

export class Sender {
  readonly stats: Stats = {
    tracked: 0,
    found: 0,
    delivered: 0,
    failures: 0,
    callbackErrors: 0,
    verdicts: { accepted: 0, flagged: 0, quarantined: 0, rejected: 0 },
    dropped: { queue_full: 0, too_large: 0, refused: 0, closed: 0 },
  };
  readonly #parts: Parts;
  #queue = new Map<number, Waiting>();
  #bytes = 0;
  #last = 0;
  #loaded = false;
  #due: number | undefined;
  #notBefore = 0;
  #failed = 0;
  #limit: number;
  #inHand = 0;

  constructor(parts: Parts) {
    this.#parts = parts;
    this.#limit = parts.options.batchEvents;
  }

  /** Events that wait. */
  get count(): number {
    return this.#queue.size;
  }

  /** The number of the newest event; numbers grow. */
  get last(): number {
    return this.#last;
  }

  /** The number of the oldest event that waits. */
  get first(): number | undefined {
    return this.#queue.keys().next().value;
  }

  /** Take in what the store holds from before; sooner nothing is sent. */
  async load(): Promise<void> {
    try {
      const held = await this.#parts.store.load();
      const since = [...this.#queue.values()]; // tracked while the store was read
      const own = new Set(since.map((one) => one.key));
      const found = held.filter((one) => !own.has(one.key));
      this.#queue = new Map();
      this.#bytes = 0;
      this.stats.found = found.length;
      for (const one of [...found, ...since]) this.#push(one);
      if (found.length > 0) this.#due = this.#parts.clock.monotonic();
    } catch (error) {
      this.#storeFailed(error);
    }
    this.#loaded = true;
  }

  /** Take in an event, or drop it and tell. */
  add(id: string, text: string): void {
    this.stats.tracked += 1;
    const bytes = size(text);
    const { options, store, clock, newKey } = this.#parts;
    if (bytes > options.eventBytes) return this.#drop({ id, text }, "too_large");
    while (this.#queue.size >= options.queueEvents || this.#bytes + bytes > options.queueBytes) {
      const oldest = options.overflow === "oldest" ? this.#oldestNotInHand() : undefined;
      if (oldest === undefined) return this.#drop({ id, text }, "queue_full");
      this.#remove([oldest]);
      this.#drop(oldest, "queue_full");
    }
    const event = { key: newKey(), id, text };
    this.#push(event);
    this.#due ??= clock.monotonic() + options.lingerMs;
    this.#write(() => store.add(event));
  }

  /** Milliseconds until a batch is due: 0 for now, undefined while nothing waits. A back-off is always kept. */
  wait(hurry = false): number | undefined {
    if (!this.#loaded || this.#queue.size === 0) return undefined;
    const { options, clock } = this.#parts;
    const now = clock.monotonic();
    const full = this.#queue.size >= options.batchEvents || this.#bytes >= options.batchBytes;
    const due = hurry || full ? now : (this.#due ?? now);
    return Math.max(0, due - now, this.#notBefore - now);
  }

  /** Send one batch and act on the answer. Never rejects. */
  async send(signal: AbortSignal): Promise<void> {
    const batch = this.#head();
    if (batch.length === 0) return;
    this.#inHand = batch.at(-1)!.number;
    this.#due = undefined;
    try {
      await this.#exchange(batch, signal);
    } finally {
      this.#inHand = 0;
      if (this.#queue.size > 0) this.#due ??= this.#parts.clock.monotonic() + this.#parts.options.lingerMs;
    }
  }

  /** Drop everything that waits. */
  giveUp(reason: DropReason): void {
    const rest = [...this.#queue.values()];
    this.#remove(rest);
    for (const one of rest) this.#drop(one, reason);
  }

  async #exchange(batch: readonly Waiting[], signal: AbortSignal): Promise<void> {
    const { transport, clock } = this.#parts;
    let decision: Decision;
    let status: number | null = null;
    try {
      const answer = await transport.post(this.#body(batch), this.#headers(), signal);
      status = answer.status;
      decision = decide(answer, batch.map((one) => one.id), clock.time());
    } catch (error) {
      const { name, message, cause } = error as Error;
      const why = cause instanceof Error ? `${message}: ${cause.message}` : `${name}: ${message}`;
      decision = { action: "retry", why, afterMs: 0 };
    }
    if (decision.action === "delivered") this.#delivered(batch, decision.verdicts);
    else if (decision.action === "retry") this.#fail(status, decision.why, decision.afterMs, batch.length);
    else this.#split(batch, decision.action);
  }

  #delivered(batch: readonly Waiting[], verdicts: Extract<Decision, { action: "delivered" }>["verdicts"]): void {
    this.#remove(batch);
    this.#failed = this.#notBefore = 0;
    this.#limit = Math.min(this.#limit * 2, this.#parts.options.batchEvents);
    this.stats.delivered += batch.length;
    for (const verdict of verdicts) {
      this.stats.verdicts[verdict.verdict] += 1;
      this.#tell(this.#parts.callbacks.onVerdict, verdict);
    }
  }

  #split(batch: readonly Waiting[], reason: "too_large" | "refused"): void {
    if (batch.length > 1) {
      this.#limit = Math.floor(batch.length / 2);
      this.#due = this.#parts.clock.monotonic();
      return;
    }
    this.#remove(batch);
    this.#drop(batch[0]!, reason);
  }

  #fail(status: number | null, why: string, afterMs: number, events: number): void {
    const { options, random, clock, callbacks } = this.#parts;
    const backoff = Math.min(options.backoffFirstMs * 2 ** Math.min(this.#failed, 60), options.backoffLongestMs);
    const jittered = backoff * (0.5 + random() / 2); // so that senders cut off together do not return together
    const retryInMs = Math.max(jittered, Math.min(afterMs, options.retryAfterLongestMs));
    this.#failed += 1;
    this.#notBefore = clock.monotonic() + retryInMs;
    this.stats.failures += 1;
    this.#tell(callbacks.onProblem, { status, why, retryInMs, events });
  }

  #head(): Waiting[] {
    const batch: Waiting[] = [];
    let room = this.#parts.options.batchBytes;
    for (const one of this.#queue.values()) {
      room -= one.bytes;
      if (batch.length >= this.#limit || (batch.length > 0 && room < 0)) break;
      batch.push(one);
    }
    return batch;
  }

  /** What is under way may already be kept by the collector: it cannot be called dropped. */
  #oldestNotInHand(): Waiting | undefined {
    for (const one of this.#queue.values()) if (one.number > this.#inHand) return one;
    return undefined;
  }

  #push({ key, id, text }: Stored): void {
    const one = { key, id, text, number: ++this.#last, bytes: size(text) };
    this.#queue.set(one.number, one);
    this.#bytes += one.bytes;
  }

  #remove(events: readonly Waiting[]): void {
    for (const one of events) if (this.#queue.delete(one.number)) this.#bytes -= one.bytes;
    this.#write(() => this.#parts.store.remove(events.map((one) => one.key)));
  }

  #write(action: () => void | Promise<void>): void {
    try {
      const done = action();
      if (done instanceof Promise) done.catch((error: unknown) => this.#storeFailed(error));
    } catch (error) {
      this.#storeFailed(error);
    }
  }

  #storeFailed(error: unknown): void {
    const why = `the store failed: ${(error as Error).message ?? error}`;
    this.#tell(this.#parts.callbacks.onProblem, { status: null, why, retryInMs: 0, events: 0 });
  }

  #drop({ id, text }: { id: string; text: string }, reason: DropReason): void {
    this.stats.dropped[reason] += 1;
    this.#tell(this.#parts.callbacks.onDrop, { id, reason, event: text });
  }

  #tell<T>(callback: ((what: T) => void) | undefined, what: T): void {
    try {
      callback?.(what);
    } catch {
      this.stats.callbackErrors += 1;
    }
  }

  #body(batch: readonly Waiting[]): string {
    const sentAt = new Date(this.#parts.clock.time()).toISOString();
    return `[${batch.map((one) => stamped(one.text, sentAt)).join(",")}]`;
  }

  #headers(): Record<string, string> {
    const { token } = this.#parts;
    const given = typeof token === "function" ? token() : token;
    const type = { "content-type": "application/json" };
    return given ? { ...type, authorization: `Bearer ${given}` } : type;
  }
}
