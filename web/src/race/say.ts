// How a race says its figures. Pure.

/** Three digits, as far as they are after the point: 0.42, 4.21, 42.1, 421. */
export function sayMs(ms: number): string {
  const digits = ms >= 99.95 ? 0 : ms >= 9.995 ? 1 : 2;
  return ms.toFixed(digits);
}

/** How many times as long: 1.4, 12. */
export const sayTimes = (ratio: number): string => ratio.toFixed(ratio >= 9.95 ? 0 : 1);

/** "20261125T221530Z-race.json": when it was run, as the lab names its runs. */
export function fileName(at: Date): string {
  return `${at.toISOString().replace(/[-:]|\.\d+/g, "")}-race.json`;
}
