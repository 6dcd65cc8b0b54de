// For Node: a store in an append-only file that survives a kill of the process.
import {
  closeSync, fstatSync, fsyncSync, ftruncateSync, openSync, readFileSync, renameSync, rmSync, writeFileSync, writeSync,
} from "node:fs";
import type { Store, Stored } from "./store.ts";

const COMPACT_AFTER = 1_000; // removals, and more of them than events that wait

type Line = ["+", string, string, string] | ["-", ...string[]];

/**
 * Each event is a line, and so is each removal; now and then the file is written anew without what
 * is gone. A last line that a kill cut short is left out. One process at a time can have the file.
 */
export class FileStore implements Store {
  readonly survives = true;
  readonly #path: string;
  readonly #waiting = new Map<string, Stored>();
  #file: number;
  #size = 0;
  #removed = 0;

  constructor(path: string) {
    this.#path = path;
    lock(`${path}.lock`);
    this.#file = openSync(path, "a");
  }

  load(): readonly Stored[] {
    const bytes = readFileSync(this.#path);
    this.#size = bytes.lastIndexOf("\n") + 1;
    if (this.#size < bytes.length) ftruncateSync(this.#file, this.#size);
    try {
      for (const line of bytes.subarray(0, this.#size).toString("utf8").split("\n")) this.#read(line);
    } catch (error) {
      const aside = `${this.#path}.damaged-${Date.now()}`;
      renameSync(this.#path, aside);
      this.#waiting.clear();
      this.#compact();
      throw new Error(`${this.#path} is damaged and was set aside as ${aside}: ${(error as Error).message}`);
    }
    this.#compact();
    return [...this.#waiting.values()];
  }

  #read(line: string): void {
    if (line === "") return;
    const [kind, ...rest] = JSON.parse(line) as Line;
    const [key, id, text] = rest;
    if (kind === "-") for (const gone of rest) this.#waiting.delete(gone);
    else if (kind === "+" && text !== undefined) this.#waiting.set(key!, { key: key!, id: id!, text });
    else throw new TypeError(`no line of a queue: ${line.slice(0, 80)}`);
  }

  add(event: Stored): void {
    this.#append(["+", event.key, event.id, event.text]);
    this.#waiting.set(event.key, event);
  }

  remove(keys: readonly string[]): void {
    if (keys.length === 0) return;
    this.#append(["-", ...keys]);
    for (const key of keys) this.#waiting.delete(key);
    this.#removed += keys.length;
    if (this.#removed > COMPACT_AFTER && this.#removed > this.#waiting.size) this.#compact();
  }

  close(): void {
    closeSync(this.#file);
    rmSync(`${this.#path}.lock`, { force: true });
  }

  #append(line: Line): void {
    const bytes = Buffer.from(`${JSON.stringify(line)}\n`);
    try {
      for (let done = 0; done < bytes.length; ) done += writeSync(this.#file, bytes, done);
    } catch (error) {
      ftruncateSync(this.#file, this.#size); // half a line would spoil the next
      throw error;
    }
    this.#size += bytes.length;
  }

  #compact(): void {
    const lines = Array.from(this.#waiting.values(), ({ key, id, text }) => JSON.stringify(["+", key, id, text]));
    const fresh = `${this.#path}.new`;
    writeFileSync(fresh, lines.map((line) => `${line}\n`).join(""));
    const file = openSync(fresh, "a");
    fsyncSync(file);
    renameSync(fresh, this.#path);
    closeSync(this.#file);
    this.#file = file;
    this.#size = fstatSync(file).size;
    this.#removed = 0;
  }
}

function lock(path: string): void {
  for (let tries = 0; tries < 2; tries++) {
    try {
      writeFileSync(path, String(process.pid), { flag: "wx" });
      return;
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== "EEXIST") throw error;
      const owner = Number(readFileSync(path, "utf8"));
      if (alive(owner)) {
        throw new Error(`The queue is in use by process ${owner}. Give each process a file of its own, or remove ${path}.`);
      }
      rmSync(path, { force: true }); // its process was killed
    }
  }
  throw new Error(`The queue cannot be locked: remove ${path}.`);
}

function alive(pid: number): boolean {
  if (!Number.isInteger(pid) || pid <= 0) return false;
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === "EPERM";
  }
}
