// How long to wait before the next try. Pure.

export const FIRST_MS = 250;
export const LAST_MS = 8_000;

/** After so many failures in a row; `chance` in [0, 1) spreads pages that lost the same server. */
export function backoff(failures: number, chance: number): number {
  return Math.min(LAST_MS, FIRST_MS * 2 ** failures) * (0.5 + chance / 2);
}
