/** The wall clock of this server, which another process moves: see lab/faults/clock.py. */

import { openSync, readSync } from "node:fs";

/**
 * Let `Date.now` read the moved clock. Timers use another clock, which nobody can set.
 *
 * @param {string} path a file of eight bytes: how far the clock is off, in milliseconds
 */
export function follow(path) {
  const file = openSync(path);
  const offset = Buffer.alloc(8);
  const right = Date.now;
  Date.now = () => {
    readSync(file, offset, 0, offset.length, 0);
    return right() + Number(offset.readBigInt64LE());
  };
}
