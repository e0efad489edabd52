/**
 * What the room refuses before any of its state is touched: bad names, long texts, a fast pace.
 * The same rules, in the same order, as lab/chat/admission.py.
 */

import { UNPRINTABLE } from "./quoted.mjs";

/** A command that changes nothing: thrown before any state is touched. */
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

/** How many code points a string has; its `length` counts UTF-16 units. */
export function codePoints(/** @type {string} */ text) {
  let count = 0;
  for (const _ of text) count += 1;
  return count;
}

/** Refuse a room or member name that is empty, too long, not printable or padded. */
export function checkNames(limits, { room, name }) {
  checkName("room", room, limits.room_chars);
  checkName("name", name, limits.name_chars);
}

function checkName(what, name, most) {
  const length = codePoints(name);
  if (length < 1 || length > most) {
    throw new Refused("bad_name", `a ${what} has 1 to ${most} characters`);
  }
  if (UNPRINTABLE.test(name) || name.startsWith(" ") || name.endsWith(" ")) {
    throw new Refused("bad_name", `a ${what} is printable, without spaces around it`);
  }
}

/** Refuse a text longer than the limit in UTF-8. */
export function checkText(limits, /** @type {string} */ text) {
  if (Buffer.byteLength(text) > limits.text_bytes) {
    throw new Refused("text_too_long", `at most ${limits.text_bytes} bytes of UTF-8`);
  }
}

/** The commands a second of every member, one token bucket each. */
export class Pace {
  #limits;
  /** @type {Map<number, TokenBucket>} */
  #buckets = new Map();

  constructor(limits) {
    this.#limits = limits;
  }

  /** Refuse a command that comes too fast. */
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

  /** The member is gone. */
  forget(/** @type {number} */ member) {
    this.#buckets.delete(member);
  }
}

/**
 * Lets `burst` commands through at once and `perS` a second after that.
 *
 * Time is the caller's, in milliseconds; a clock that steps back gives nothing and takes nothing.
 */
export class TokenBucket {
  #perMs;
  #full;
  #left;
  #atMs = null;

  constructor(/** @type {number} */ perS, /** @type {number} */ burst) {
    // In thousandths of a token, so that the count is exact: 0.1 added ten times is not 1.
    this.#perMs = perS;
    this.#full = burst * 1000;
    this.#left = this.#full;
  }

  /** Take one token; false where there is none. */
  take(/** @type {number} */ nowMs) {
    const elapsedMs = this.#atMs === null ? 0 : Math.max(0, nowMs - this.#atMs);
    this.#atMs = nowMs;
    this.#left = Math.min(this.#full, this.#left + elapsedMs * this.#perMs);
    if (this.#left < 1000) return false;
    this.#left -= 1000;
    return true;
  }
}
