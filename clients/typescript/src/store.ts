// Where the events that wait are written, so that they outlive the page or the process.
// The client holds them in memory all the same; a store is read once, at the start.

/** One event that waits; keys sort in the order of adding. */
export interface Stored {
  readonly key: string;
  readonly id: string;
  readonly text: string;
}

/** A store may answer at once or later; what it cannot write is told to `onProblem`. */
export interface Store {
  /** Whether what it holds is there for the next client. */
  readonly survives: boolean;
  load(): readonly Stored[] | Promise<readonly Stored[]>;
  add(event: Stored): void | Promise<void>;
  remove(keys: readonly string[]): void | Promise<void>;
  close?(): void | Promise<void>;
}

/** Writes nothing: what waits ends with the page or the process. */
export class MemoryStore implements Store {
  readonly survives = false;
  load(): readonly Stored[] {
    return [];
  }
  add(): void {}
  remove(): void {}
}

/**
 * One entry of `localStorage` per event. Tabs of one origin share it: a new tab also sends what
 * another has not sent yet, which the collector keeps once, as the ids are the same.
 */
export class LocalStorageStore implements Store {
  readonly survives = true;
  readonly #storage: Storage;
  readonly #prefix: string;

  constructor(storage: Storage = globalThis.localStorage, prefix = "weir:") {
    this.#storage = storage;
    this.#prefix = prefix;
  }

  load(): readonly Stored[] {
    const found: Stored[] = [];
    for (let index = 0; index < this.#storage.length; index++) {
      const name = this.#storage.key(index);
      if (!name?.startsWith(this.#prefix)) continue;
      const [id, text] = JSON.parse(this.#storage.getItem(name) ?? "[]") as [string?, string?];
      if (id !== undefined && text !== undefined) found.push({ key: name.slice(this.#prefix.length), id, text });
    }
    return found.sort((a, b) => (a.key < b.key ? -1 : 1));
  }

  add({ key, id, text }: Stored): void {
    this.#storage.setItem(this.#prefix + key, JSON.stringify([id, text]));
  }

  remove(keys: readonly string[]): void {
    for (const key of keys) this.#storage.removeItem(this.#prefix + key);
  }
}
