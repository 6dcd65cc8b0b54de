// A clock that moves when told, and a collector that answers what the test says.
import { Sender, type Clock } from "../src/sender.ts";
import { MemoryStore, type Store } from "../src/store.ts";
import type { Answer, Transport } from "../src/transport.ts";
import { DEFAULTS, type Dropped, type Options, type Problem, type Verdict } from "../src/types.ts";
import { encode } from "../src/events.ts";

export type Sent = { id: string; sent_at: string; time: string } & Record<string, unknown>;
export type Reply = ((events: Sent[]) => Answer) | Answer | Error;

export const START = 1_700_000_000_000;

export function accepted(events: readonly Sent[]): Answer {
  const results = events.map(({ id }) => ({ id, verdict: "accepted" }));
  return { status: 200, body: JSON.stringify({ accepted: results.length, results }), retryAfter: null };
}

export function refusal(status: number, retryAfter: string | null = null): Answer {
  const error = { code: "code", message: "It is wrong.", remedy: "Mend it." };
  return { status, body: JSON.stringify({ error }), retryAfter };
}

export const unreachable = new TypeError("fetch failed");

export class Line implements Transport {
  replies: Reply[];
  requests: Sent[][] = [];
  headers: Record<string, string>[] = [];

  constructor(...replies: Reply[]) {
    this.replies = replies;
  }

  async post(body: string, headers: Record<string, string>): Promise<Answer> {
    const events = JSON.parse(body) as Sent[];
    this.requests.push(events);
    this.headers.push(headers);
    const reply = this.replies.shift() ?? accepted;
    if (reply instanceof Error) throw reply;
    return typeof reply === "function" ? reply(events) : reply;
  }

  get ids(): string[][] {
    return this.requests.map((events) => events.map((event) => event.id));
  }
}

export class FakeClock implements Clock {
  passed = 0;
  time = () => START + this.passed;
  monotonic = () => this.passed;
}

type Given = Partial<Options> & { store?: Store; token?: string | (() => string); chance?: number };

/** A sender without a timer. */
export class Bench {
  readonly clock = new FakeClock();
  readonly line: Line;
  readonly verdicts: Verdict[] = [];
  readonly problems: Problem[] = [];
  readonly dropped: Dropped[] = [];
  readonly sender: Sender;
  #key = 0;

  constructor(replies: Reply[] = [], { store, token, chance = 1, ...options }: Given = {}) {
    this.line = new Line(...replies);
    this.sender = new Sender({
      store: store ?? new MemoryStore(),
      transport: this.line,
      options: { ...DEFAULTS, ...options },
      callbacks: {
        onVerdict: (verdict) => this.verdicts.push(verdict),
        onProblem: (problem) => this.problems.push(problem),
        onDrop: (dropped) => this.dropped.push(dropped),
      },
      token,
      clock: this.clock,
      random: () => chance,
      newKey: () => String(++this.#key).padStart(6, "0"),
    });
  }

  static async of(replies: Reply[] = [], given: Given = {}): Promise<Bench> {
    const bench = new Bench(replies, given);
    await bench.sender.load();
    return bench;
  }

  track(id: string, params: Record<string, unknown> = {}): void {
    const made = encode({ id, name: "click_item_home", params }, {}, () => "", this.clock.time());
    this.sender.add(made.id, made.text);
  }

  send(): Promise<void> {
    return this.sender.send(new AbortController().signal);
  }

  /** Sends whatever is due, moving the clock to when it is. */
  async run(most = 100): Promise<void> {
    for (let n = 0; n < most; n++) {
      const wait = this.sender.wait(true);
      if (wait === undefined) return;
      this.clock.passed += wait;
      await this.send();
    }
  }
}
