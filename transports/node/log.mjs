/**
 * Keep the newest events of each room, for `history`, for resuming, and for the idempotent `key`.
 * Their number and their bytes are bounded. It does the same as `MemoryLog` in lab/chat/log.py.
 */

/** The memory that an event takes besides its JSON and its key: the objects that hold them. */
const ENTRY_BYTES = 256;

export class MemoryLog {
  #limits;
  /** @type {Map<string, Tail>} */
  #rooms = new Map();

  constructor(limits) {
    this.#limits = limits;
  }

  /** Add the next event of its room. `event.seq` must be `lastSeq` + 1. */
  append(event, key = null) {
    let tail = this.#rooms.get(event.room);
    if (tail === undefined) {
      tail = new Tail();
      this.#rooms.set(event.room, tail);
    }
    tail.push(event, key);
    this.#trim(tail);
  }

  #trim(/** @type {Tail} */ tail) {
    const { log_bytes: bytes, log_events: count } = this.#limits;
    while (tail.bytes > bytes || tail.entries.length > count) tail.dropOldest();
  }

  /** The newest `seq` of `room`; 0 for an unknown room. */
  lastSeq(/** @type {string} */ room) {
    return this.#tail(room).lastSeq;
  }

  /** All events with `seq` > `after`, in order; `truncated` if the log begins later than that. */
  since(/** @type {string} */ room, /** @type {number} */ after) {
    const tail = this.#tail(room);
    const events = eventsOf(tail.entries.slice(tail.place(after + 1)));
    return { events, truncated: after + 1 < tail.oldest };
  }

  /** The newest `limit` events with `seq` < `before` (null: no bound), in order. */
  page(/** @type {string} */ room, /** @type {number | null} */ before, limit) {
    const tail = this.#tail(room);
    const end = before === null ? tail.entries.length : tail.place(before);
    return eventsOf(tail.entries.slice(Math.max(0, end - limit), end));
  }

  /** The message that `name` posted with this `key`, if the log still has it. */
  keyed(/** @type {string} */ room, /** @type {string} */ name, /** @type {string} */ key) {
    const tail = this.#tail(room);
    const seq = tail.keys.get(keyOf(name, key));
    if (seq === undefined) return undefined;
    const place = tail.place(seq);
    return eventsOf(tail.entries.slice(place, place + 1))[0];
  }

  /** Forget all events of `room`. */
  forget(/** @type {string} */ room) {
    this.#rooms.delete(room);
  }

  /** All events of `room` as the log keeps them: room, `seq`, JSON and key. For `restore`. */
  kept(/** @type {string} */ room) {
    const tail = this.#tail(room);
    return tail.entries.map(({ json, key }, at) => [
      room,
      tail.oldest + at,
      json,
      key === null ? null : Buffer.from(key),
    ]);
  }

  /** Take back the next event of a room, or its first one. */
  restore([room, seq, json, key]) {
    let tail = this.#rooms.get(room);
    if (tail === undefined) {
      tail = new Tail();
      this.#rooms.set(room, tail);
    }
    tail.keep(Buffer.from(json), key === null ? null : Buffer.from(key).toString(), seq);
    this.#trim(tail);
  }

  #tail(room) {
    return this.#rooms.get(room) ?? new Tail();
  }
}

/** The newest events of one room. */
class Tail {
  /** @type {{json: Buffer, key: string | null, bytes: number}[]} */
  entries = [];
  /** @type {Map<string, number>} */
  keys = new Map();
  bytes = 0;
  lastSeq = 0;

  get oldest() {
    return this.lastSeq - this.entries.length + 1;
  }

  /** The index of the event with this `seq`, or the index that it would have. */
  place(/** @type {number} */ seq) {
    return Math.max(0, Math.min(seq - this.oldest, this.entries.length));
  }

  push(event, key) {
    // Kept as UTF-8: a JavaScript string takes two bytes a letter if one of them is not Latin-1.
    const json = Buffer.from(JSON.stringify(event));
    this.keep(json, key === null ? null : keyOf(event.name, key), event.seq);
  }

  keep(/** @type {Buffer} */ json, /** @type {string | null} */ key, /** @type {number} */ seq) {
    const bytes = ENTRY_BYTES + json.length + (key === null ? 0 : Buffer.byteLength(key));
    this.entries.push({ json, key, bytes });
    this.bytes += bytes;
    this.lastSeq = seq;
    if (key !== null) this.keys.set(key, seq);
  }

  dropOldest() {
    const { key, bytes } = this.entries.shift();
    this.bytes -= bytes;
    if (key !== null) this.keys.delete(key);
  }
}

function eventsOf(entries) {
  return entries.map((entry) => JSON.parse(entry.json));
}

// A name is printable, so it contains no line feed.
function keyOf(name, key) {
  return `${name}\n${key}`;
}
