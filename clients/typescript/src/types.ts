// What the app gives and is told. No code.

/** One event; a generated constructor returns one. */
export interface EventInput {
  readonly name: string;
  readonly version?: number;
  /** Given by the client when left out, and the same at every retry. */
  readonly id?: string;
  /** When it happened, RFC 3339 with an offset; now when left out. */
  readonly time?: string;
  readonly user_id?: string | number;
  readonly device_id?: string;
  readonly session_id?: string;
  readonly platform?: string;
  readonly app_version?: string;
  readonly params?: unknown;
}

export type VerdictWord = "accepted" | "flagged" | "quarantined" | "rejected";

/** What is wrong with an event, and how to mend it. */
export interface Violation {
  readonly pointer: string;
  readonly rule: string;
  readonly expected: string;
  readonly found: string;
  readonly remedy: string;
}

/** What the collector made of one event. */
export interface Verdict {
  readonly id: string;
  readonly verdict: VerdictWord;
  readonly violations: readonly Violation[];
}

/** A request that was not acknowledged (its events are kept and sent again), or a store that failed. */
export interface Problem {
  /** HTTP status; null if there was no answer. */
  readonly status: number | null;
  readonly why: string;
  /** Milliseconds until the next try. */
  readonly retryInMs: number;
  /** How many events the request held. */
  readonly events: number;
}

export type DropReason = "queue_full" | "too_large" | "refused" | "closed";

/** An event that will not be sent. */
export interface Dropped {
  readonly id: string;
  readonly reason: DropReason;
  /** Its JSON. */
  readonly event: string;
}

/** Sizes in bytes, times in milliseconds. */
export interface Options {
  /** Most events of one request. */
  readonly batchEvents: number;
  /** Most bytes of one request (one larger event goes alone). */
  readonly batchBytes: number;
  /** How long an event may wait for others to share its request. */
  readonly lingerMs: number;
  /** Largest event; the collector's own limit is 1,000,000. */
  readonly eventBytes: number;
  /** Most events that wait. */
  readonly queueEvents: number;
  /** Most bytes that wait. */
  readonly queueBytes: number;
  /** Which event gives way when the queue is full. */
  readonly overflow: "newest" | "oldest";
  /** Of one request. */
  readonly timeoutMs: number;
  /** Wait after the first failure; doubles with each. */
  readonly backoffFirstMs: number;
  /** The longest such wait. */
  readonly backoffLongestMs: number;
  /** The longest Retry-After that is obeyed. */
  readonly retryAfterLongestMs: number;
}

export const DEFAULTS: Options = {
  batchEvents: 500,
  batchBytes: 500_000,
  lingerMs: 1_000,
  eventBytes: 1_000_000,
  queueEvents: 10_000,
  queueBytes: 10_000_000,
  overflow: "newest",
  timeoutMs: 10_000,
  backoffFirstMs: 500,
  backoffLongestMs: 60_000,
  retryAfterLongestMs: 3_600_000,
};

/** What the app is told. A callback that throws is counted and stops nothing. */
export interface Callbacks {
  readonly onVerdict?: (verdict: Verdict) => void;
  readonly onProblem?: (problem: Problem) => void;
  readonly onDrop?: (dropped: Dropped) => void;
}

/** Counts since the client began. tracked + found = delivered + dropped + queued. */
export interface Stats {
  tracked: number;
  found: number;
  delivered: number;
  failures: number;
  callbackErrors: number;
  verdicts: Record<VerdictWord, number>;
  dropped: Record<DropReason, number>;
}

/** An event that no collector could keep: wrong use, thrown at the caller of `track`. */
export class InvalidEvent extends Error {
  override readonly name = "InvalidEvent";
}
