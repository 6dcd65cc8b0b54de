// The app's side: track, flush, close; and the one timer.
import { encode, uuid7, uuid7Maker } from "./events.ts";
import { Sender, type Clock } from "./sender.ts";
import { MemoryStore, type Store } from "./store.ts";
import { FetchTransport, type Transport } from "./transport.ts";
import { DEFAULTS, type Callbacks, type EventInput, type Options, type Stats } from "./types.ts";

/** What a client may be given; everything has a default. */
export interface Settings extends Callbacks {
  /** The producer's write token, or a function that returns it at each request. */
  readonly token?: string | (() => string);
  /** Where the events that wait are written; default is memory only. */
  readonly store?: Store;
  /** Envelope values for every event, such as `platform` and `app_version`. */
  readonly context?: Partial<EventInput>;
  readonly options?: Partial<Options>;
  readonly transport?: Transport;
  readonly clock?: Clock;
  readonly random?: () => number;
  readonly newId?: () => string;
  readonly timers?: Timers;
}

export interface Timers {
  set(run: () => void, ms: number): unknown;
  clear(timer: unknown): void;
}

const CLOCK: Clock = { time: () => Date.now(), monotonic: () => performance.now() };
const TIMERS: Timers = {
  set(run, ms) {
    const timer: unknown = setTimeout(run, ms);
    (timer as { unref?: () => void }).unref?.(); // in Node, waiting events do not hold the process
    return timer;
  },
  clear: (timer) => clearTimeout(timer as number),
};
const LONGEST_TIMER = 2 ** 31 - 1;
const LAST_WORDS_MS = 1_000; // for a request to end after it was cut

/** Sends events to a collector. */
export class Client {
  readonly #sender: Sender;
  readonly #store: Store;
  readonly #context: Partial<EventInput>;
  readonly #clock: Clock;
  readonly #timers: Timers;
  readonly #newId: () => string;
  readonly #abort = new AbortController();
  readonly #watchers = new Set<() => void>();
  #timer: unknown;
  #sending: Promise<void> | undefined;
  #hurrying = 0;
  #closed = false;
  readonly #ready: Promise<void>;

  constructor(url: string, settings: Settings = {}) {
    const options = checked({ ...DEFAULTS, ...settings.options });
    this.#store = settings.store ?? new MemoryStore();
    this.#context = settings.context ?? {};
    this.#clock = settings.clock ?? CLOCK;
    this.#timers = settings.timers ?? TIMERS;
    this.#newId = settings.newId ?? uuid7;
    this.#sender = new Sender({
      store: this.#store,
      transport: settings.transport ?? new FetchTransport(url, options.timeoutMs),
      options,
      callbacks: settings,
      token: settings.token,
      clock: this.#clock,
      random: settings.random ?? Math.random,
      newKey: uuid7Maker(),
    });
    this.#ready = this.#sender.load().then(() => this.#schedule());
  }

  /**
   * Queues one event and returns its id. Never waits for the network. With a store that writes at
   * once (FileStore, LocalStorageStore) the event outlives the process from here on.
   *
   * @throws InvalidEvent if it has no name, an impossible id, or a value that JSON cannot carry
   */
  track(event: EventInput): string {
    if (this.#closed) throw new Error("The client was closed; this event was not taken.");
    const { id, text } = encode(event, this.#context, this.#newId, this.#clock.time());
    this.#sender.add(id, text);
    this.#schedule();
    return id;
  }

  /**
   * Sends what waits now, without lingering; false if some of it still waits at the deadline.
   * A back-off and a Retry-After are kept all the same.
   */
  async flush(timeoutMs = 10_000): Promise<boolean> {
    await this.#ready;
    const target = this.#sender.last;
    const sent = () => (this.#sender.first ?? Infinity) > target;
    this.#hurrying += 1;
    this.#schedule();
    try {
      return await this.#until(sent, timeoutMs);
    } finally {
      this.#hurrying -= 1;
    }
  }

  /**
   * Sends what waits until the deadline, then stops; returns how many events still wait. Those in a
   * store are sent by its next client; those in memory are dropped, and told with reason `closed`.
   */
  async close(timeoutMs = 5_000): Promise<number> {
    if (this.#closed) return 0;
    this.#closed = true;
    await this.flush(timeoutMs);
    this.#timers.clear(this.#timer);
    this.#abort.abort();
    await Promise.race([this.#sending, new Promise((resolve) => setTimeout(resolve, LAST_WORDS_MS))]);
    const left = this.#sender.count;
    if (!this.#store.survives) this.#sender.giveUp("closed");
    await this.#store.close?.();
    return left;
  }

  /** Counts since the start. */
  get stats(): Readonly<Stats> {
    return this.#sender.stats;
  }

  /** Events that wait. */
  get queued(): number {
    return this.#sender.count;
  }

  #schedule(): void {
    if (this.#sending !== undefined || this.#abort.signal.aborted) return;
    this.#timers.clear(this.#timer);
    const wait = this.#sender.wait(this.#hurrying > 0);
    if (wait !== undefined) this.#timer = this.#timers.set(() => this.#run(), Math.min(wait, LONGEST_TIMER));
  }

  #run(): void {
    if ((this.#sender.wait(this.#hurrying > 0) ?? 1) > 0) return this.#schedule(); // a timer may be early
    this.#sending = this.#sender.send(this.#abort.signal).then(() => {
      this.#sending = undefined;
      for (const look of this.#watchers) look();
      this.#schedule();
    });
  }

  #until(done: () => boolean, timeoutMs: number): Promise<boolean> {
    return new Promise((resolve) => {
      const end = () => {
        this.#watchers.delete(look);
        clearTimeout(timer);
        resolve(done());
      };
      const look = () => void (done() && end());
      const timer = setTimeout(end, timeoutMs); // holds a Node process: somebody waits for this
      this.#watchers.add(look);
      look();
    });
  }
}

function checked(options: Options): Options {
  for (const [name, value] of Object.entries(options)) {
    const right = name === "overflow" ? value === "newest" || value === "oldest" : value > 0 || name === "lingerMs";
    if (!right) throw new RangeError(`${name}=${value} cannot be`);
  }
  return options;
}
