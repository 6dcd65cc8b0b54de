// Sends events to a Weir collector: batched, kept while offline, each landing once.
export { Client, type Settings, type Timers } from "./client.ts";
export { uuid7, uuid7Maker } from "./events.ts";
export type { Clock } from "./sender.ts";
export { LocalStorageStore, MemoryStore, type Store, type Stored } from "./store.ts";
export { FetchTransport, type Answer, type Transport } from "./transport.ts";
export {
  DEFAULTS, InvalidEvent, type Callbacks, type Dropped, type DropReason, type EventInput, type Options,
  type Problem, type Stats, type Verdict, type VerdictWord, type Violation,
} from "./types.ts";
