// How costs are written: three digits, in a unit that makes them short. Pure.

import type { Span } from "./ask";

const DECIMAL = ["B", "kB", "MB", "GB", "TB", "PB"];
const BINARY = ["B", "KiB", "MiB", "GiB", "TiB"];
const digits = new Intl.NumberFormat("en", { maximumSignificantDigits: 3 });
const whole = new Intl.NumberFormat("en");

/** `7.44 [7.38, 8.14]`; a whole number without an interval has all its digits. */
export function sayNumber({ median, low, high }: Span): string {
  if (low === undefined || high === undefined) {
    return Number.isInteger(median) ? whole.format(median) : digits.format(median);
  }
  return `${digits.format(median)} [${digits.format(low)}, ${digits.format(high)}]`;
}

export const sayMemory = (span: Span): string => sayBytes(span, 1024, BINARY);
export const sayTraffic = (span: Span): string => sayBytes(span, 1000, DECIMAL);

function sayBytes({ median, low, high }: Span, base: number, units: readonly string[]): string {
  let power = 0;
  while (power < units.length - 1 && median >= base ** (power + 1)) power += 1;
  const scaled = (value: number) => Number((value / base ** power).toPrecision(3));
  const bounds =
    low === undefined || high === undefined ? {} : { low: scaled(low), high: scaled(high) };
  return `${sayNumber({ median: scaled(median), ...bounds })} ${units[power]}`;
}
