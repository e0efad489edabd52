/**
 * The checks that a command passes before it changes the room: names, length of text, and pace.
 * The rules and their order are those of lab/chat/admission.py.
 */

import { isShown } from "./names.mjs";

/** The room refuses a command. It is thrown before the room has changed. */
export class Refused extends Error {
  /**
   * @param {string} code one of the codes of lab/chat/events.py
   * @param {string} reason
   */
  constructor(code, reason) {
    super(reason);
    this.code = code;
  }
}

/** How many code points a string has. Its `length` counts UTF-16 units instead. */
export function codePoints(/** @type {string} */ text) {
  let count = 0;
  for (const _ of text) count += 1;
  return count;
}

/** Refuse a room or member name that is empty, too long, not printable, blank or padded. */
export function checkNames(limits, { room, name }) {
  checkName("room", room, limits.room_chars);
  checkName("name", name, limits.name_chars);
}

function checkName(what, name, most) {
  const length = codePoints(name);
  if (length < 1 || length > most) {
    throw new Refused("bad_name", `a ${what} has 1 to ${most} characters`);
  }
  if (!isShown(name)) {
    throw new Refused("bad_name", `a ${what} is printable, without spaces around it`);
  }
}

/** Refuse a text longer than the limit in UTF-8. */
export function checkText(limits, /** @type {string} */ text) {
  if (Buffer.byteLength(text) > limits.text_bytes) {
    throw new Refused("text_too_long", `at most ${limits.text_bytes} bytes of UTF-8`);
  }
}

/** An answer costs one token for every ten entries in it, rounded down. */
const ENTRIES_PER_TOKEN = 10;

/** Limits the commands that each member may send in a second. A member has one token bucket. */
export class Pace {
  #limits;
  /** @type {Map<number, TokenBucket>} */
  #buckets = new Map();

  constructor(limits) {
    this.#limits = limits;
  }

  /** Take a token for anything that a member sent; refuse it if there is no token left. */
  check(/** @type {number} */ member, /** @type {number} */ nowMs) {
    const { commands_per_s: perS, command_burst: burst } = this.#limits;
    if (perS === null) return;
    let bucket = this.#buckets.get(member);
    if (bucket === undefined) {
      bucket = new TokenBucket(perS, burst);
      this.#buckets.set(member, bucket);
    }
    if (!bucket.take(nowMs)) throw new Refused("too_fast", `at most ${perS} commands a second`);
  }

  /** Take the tokens for an answer with so many entries, besides the token of its command. */
  charge(/** @type {number} */ member, /** @type {number} */ entries) {
    this.#buckets.get(member)?.owe(Math.floor(entries / ENTRIES_PER_TOKEN));
  }

  /** Forget a member whose connection has ended. */
  forget(/** @type {number} */ member) {
    this.#buckets.delete(member);
  }
}

/**
 * Lets `burst` commands pass at once, and `perS` in each second after that.
 *
 * The caller gives the time, in milliseconds. A clock that steps back adds and removes no tokens.
 */
export class TokenBucket {
  #perMs;
  #full;
  #left;
  #atMs = null;

  constructor(/** @type {number} */ perS, /** @type {number} */ burst) {
    // Counted in thousandths of a token, to be exact: 0.1 added ten times is not 1.
    this.#perMs = perS;
    this.#full = burst * 1000;
    this.#left = this.#full;
  }

  /** Take one token. False if there is none. */
  take(/** @type {number} */ nowMs) {
    const elapsedMs = this.#atMs === null ? 0 : Math.max(0, nowMs - this.#atMs);
    this.#atMs = nowMs;
    this.#left = Math.min(this.#full, this.#left + elapsedMs * this.#perMs);
    if (this.#left < 1000) return false;
    this.#left -= 1000;
    return true;
  }

  /** Take more tokens than there may be. `take` then returns false until they are made up for. */
  owe(/** @type {number} */ tokens) {
    this.#left -= tokens * 1000;
  }
}
