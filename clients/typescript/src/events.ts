// An event as it waits: JSON text with id and time, without `sent_at`.
import { InvalidEvent, type EventInput } from "./types.ts";

const ID = /^[^\p{C}]{1,200}$/u;

/**
 * Makes UUIDs of version 7 (RFC 9562) that only grow, also when the clock steps back.
 *
 * @param now milliseconds since 1970
 * @param fill fills an array with random bytes
 */
export function uuid7Maker(
  now: () => number = Date.now,
  fill: (bytes: Uint8Array<ArrayBuffer>) => void = (bytes) => crypto.getRandomValues(bytes),
): () => string {
  let last = -1;
  let counter = 0;
  return () => {
    const bytes = new Uint8Array(16);
    fill(bytes);
    const moment = now();
    if (moment > last) {
      last = moment;
      counter = ((bytes[6]! << 8) | bytes[7]!) & 0x7ff; // room to count up
    } else if (++counter > 0xfff) {
      last += 1;
      counter = 0;
    }
    for (let i = 0, rest = last; i < 6; i++, rest = Math.floor(rest / 256)) bytes[5 - i] = rest % 256;
    bytes[6] = 0x70 | (counter >> 8);
    bytes[7] = counter & 0xff;
    bytes[8] = 0x80 | (bytes[8]! & 0x3f);
    const hex = Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
    return [[0, 8], [8, 12], [12, 16], [16, 20], [20, 32]].map(([a, b]) => hex.slice(a, b)).join("-");
  };
}

export const uuid7 = uuid7Maker();

/** Returns the id and the JSON of an event; throws InvalidEvent for what JSON cannot carry. */
export function encode(
  event: EventInput,
  context: Partial<EventInput>,
  newId: () => string,
  now: number,
): { id: string; text: string } {
  const { sent_at: _stampedAtEachSending, ...whole } = { ...context, ...event } as Record<string, unknown>;
  if (typeof whole["name"] !== "string" || whole["name"] === "") {
    throw new InvalidEvent("An event needs its `name` as text, such as `purchase_item_shop`.");
  }
  const id = whole["id"] ?? newId();
  if (typeof id !== "string" || !ID.test(id)) {
    throw new InvalidEvent("An event's `id` is printable text of 1 to 200 characters.");
  }
  whole["id"] = id;
  whole["time"] ??= new Date(now).toISOString();
  try {
    return { id, text: JSON.stringify(whole, finite) };
  } catch (error) {
    throw new InvalidEvent(`The event \`${whole["name"]}\` is no JSON: ${(error as Error).message}.`);
  }
}

/** JSON would turn these into null without a word. */
function finite(key: string, value: unknown): unknown {
  if (typeof value === "number" && !Number.isFinite(value)) {
    throw new TypeError(`\`${key}\` is ${value}`);
  }
  return value;
}

/** Returns an event's JSON with its `sent_at`. */
export function stamped(text: string, sentAt: string): string {
  return `${text.slice(0, -1)},"sent_at":"${sentAt}"}`;
}

const encoder = new TextEncoder();

/** Returns the bytes of a text in UTF-8. */
export function size(text: string): number {
  return encoder.encode(text).length;
}
