// What the collector's answer to a batch means. Pure.
// Only an answer that is surely a collector's takes events out of the queue: a captive portal also
// says 200, and a proxy also says 400.
import type { Answer } from "./transport.ts";
import type { Verdict, VerdictWord, Violation } from "./types.ts";

export type Decision =
  /** Take the batch out. */
  | { readonly action: "delivered"; readonly verdicts: readonly Verdict[] }
  /** Send it again later. */
  | { readonly action: "retry"; readonly why: string; readonly afterMs: number }
  /** Send it in halves, and give up an event that is refused alone. */
  | { readonly action: "too_large" | "refused"; readonly why: string };

const WORDS: ReadonlySet<unknown> = new Set<VerdictWord>(["accepted", "flagged", "quarantined", "rejected"]);

type Json = Record<string, unknown>;

/** Returns what an answer means for the events of these ids, in the order sent. */
export function decide(answer: Answer, ids: readonly string[], now: number): Decision {
  const content = parse(answer.body);
  if (answer.status === 200) {
    const verdicts = verdictsOf(content, ids);
    return verdicts
      ? { action: "delivered", verdicts }
      : { action: "retry", why: "200, but no verdict on each event: is this a collector?", afterMs: 0 };
  }
  const why = `${answer.status} ${said(content) ?? answer.body.slice(0, 200)}`.trim();
  if (answer.status === 413) return { action: "too_large", why };
  if ((answer.status === 400 || answer.status === 422) && said(content) !== undefined) {
    return { action: "refused", why };
  }
  return { action: "retry", why, afterMs: retryAfterMs(answer.retryAfter, now) };
}

/** Returns the milliseconds of a Retry-After header, which may be a date; 0 if it says nothing. */
export function retryAfterMs(header: string | null, now: number): number {
  if (header === null || header.trim() === "") return 0;
  const seconds = Number(header);
  const ms = Number.isNaN(seconds) ? Date.parse(header) - now : seconds * 1000;
  return Number.isFinite(ms) && ms > 0 ? ms : 0;
}

function verdictsOf(content: unknown, ids: readonly string[]): Verdict[] | undefined {
  const results = isObject(content) ? content["results"] : undefined;
  if (!Array.isArray(results) || results.length !== ids.length) return undefined;
  const verdicts: Verdict[] = [];
  for (const [index, id] of ids.entries()) {
    const result: unknown = results[index];
    if (!isObject(result) || result["id"] !== id || !WORDS.has(result["verdict"])) return undefined;
    const violations = (result["violations"] ?? []) as readonly Violation[];
    verdicts.push({ id, verdict: result["verdict"] as VerdictWord, violations });
  }
  return verdicts;
}

/** Returns what a collector's refusal says; undefined if it is not a collector's. */
function said(content: unknown): string | undefined {
  const error = isObject(content) ? content["error"] : undefined;
  if (!isObject(error) || typeof error["code"] !== "string") return undefined;
  return `${error["message"] ?? error["code"]} ${error["remedy"] ?? ""}`.trim();
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function isObject(value: unknown): value is Json {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
