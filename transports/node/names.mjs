/**
 * Decide which names can be shown. The table is that of lab/chat/names.py, so that both languages
 * use the same version of Unicode, whichever one Node has.
 */

import { readFileSync } from "node:fs";

const TABLE = JSON.parse(readFileSync(new URL("../../lab/chat/names.json", import.meta.url)));

/** A set of code points, given as ranges in rising order. */
class Ranges {
  /**
   * The first code point of each range and the first one after it, in rising order. A code point is
   * in a range if an odd number of bounds is smaller or equal.
   */
  #bounds;

  constructor(/** @type {[number, number][]} */ ranges) {
    this.#bounds = Uint32Array.from(ranges.flatMap(([first, last]) => [first, last + 1]));
  }

  has(/** @type {number} */ codePoint) {
    let [low, high] = [0, this.#bounds.length];
    while (low < high) {
      const middle = (low + high) >> 1;
      if (this.#bounds[middle] <= codePoint) low = middle + 1;
      else high = middle;
    }
    return low % 2 === 1;
  }
}

const REFUSED = new Ranges(TABLE.refused);
const SELECTORS = new Ranges(TABLE.selectors);
const SPACE = 0x20;

/**
 * Whether a name is one printable line without spaces around it.
 *
 * A variation selector shows nothing by itself, so a name must have another character too.
 */
export function isShown(/** @type {string} */ name) {
  const codePoints = Array.from(name, (letter) => letter.codePointAt(0));
  if (codePoints.at(0) === SPACE || codePoints.at(-1) === SPACE) return false;
  if (codePoints.some((point) => REFUSED.has(point))) return false;
  return codePoints.some((point) => point !== SPACE && !SELECTORS.has(point));
}
