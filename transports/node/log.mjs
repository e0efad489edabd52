/**
 * What a room remembers, for `history`, resume and the idempotent `key`: the newest events of each
 * room, bounded by count and by bytes. The same as `MemoryLog` in lab/chat/log.py.
 */

export class MemoryLog {
  #limits;
  /** @type {Map<string, Tail>} */
  #rooms = new Map();

  constructor(limits) {
    this.#limits = limits;
  }

  /** Remember the next event of its room; `event.seq` is `lastSeq` + 1. */
  append(event, key = null) {
    let tail = this.#rooms.get(event.room);
    if (tail === undefined) {
      tail = new Tail();
      this.#rooms.set(event.room, tail);
    }
    tail.push(event, key);
    const { log_bytes: bytes, log_events: count } = this.#limits;
    while (tail.bytes > bytes || tail.entries.length > count) tail.dropOldest();
  }

  /** The newest `seq` of `room`; 0 for a room never heard of. */
  lastSeq(/** @type {string} */ room) {
    return this.#tail(room).lastSeq;
  }

  /** Everything with `seq` > `after`, in order; `truncated` where the log begins later. */
  since(/** @type {string} */ room, /** @type {number} */ after) {
    const { entries, oldest } = this.#tail(room);
    const skipped = Math.max(0, Math.min(after + 1 - oldest, entries.length));
    return { events: eventsOf(entries.slice(skipped)), truncated: after + 1 < oldest };
  }

  /** The newest `limit` events with `seq` < `before` (null: of all), in order. */
  page(/** @type {string} */ room, /** @type {number | null} */ before, limit) {
    const { entries, oldest } = this.#tail(room);
    const all = entries.length;
    const end = before === null ? all : Math.max(0, Math.min(before - oldest, all));
    return eventsOf(entries.slice(Math.max(0, end - limit), end));
  }

  /** The message that `name` posted under `key`, as long as the log holds it. */
  keyed(/** @type {string} */ room, /** @type {string} */ name, /** @type {string} */ key) {
    return this.#tail(room).keys.get(keyOf(name, key));
  }

  /** Drop everything about `room`. */
  forget(/** @type {string} */ room) {
    this.#rooms.delete(room);
  }

  #tail(room) {
    return this.#rooms.get(room) ?? new Tail();
  }
}

/** The newest events of one room. */
class Tail {
  /** @type {{event: object, key: string | null, bytes: number}[]} */
  entries = [];
  keys = new Map();
  bytes = 0;
  lastSeq = 0;

  get oldest() {
    return this.lastSeq - this.entries.length + 1;
  }

  push(event, key) {
    const bytes = Buffer.byteLength(JSON.stringify(event));
    this.entries.push({ event, key, bytes });
    this.bytes += bytes;
    this.lastSeq = event.seq;
    if (key !== null) this.keys.set(keyOf(event.name, key), event);
  }

  dropOldest() {
    const { event, key, bytes } = this.entries.shift();
    this.bytes -= bytes;
    if (key !== null) this.keys.delete(keyOf(event.name, key));
  }
}

function eventsOf(entries) {
  return entries.map((entry) => entry.event);
}

// A name is printable, so that no line feed is in it.
function keyOf(name, key) {
  return `${name}\n${key}`;
}
