// After a race: quantiles of what was measured. Pure.

/** The value that at least `share` of the values do not exceed (nearest rank); null of nothing. */
export function quantile(values: readonly number[], share: number): number | null {
  if (values.length === 0) return null;
  const sorted = [...values].sort((a, b) => a - b);
  // Not `share * length` alone: 0.07 * 100 is 7.000000000000001.
  const rank = Math.ceil(share * sorted.length - 1e-9);
  return sorted[Math.min(Math.max(rank, 1), sorted.length) - 1]!;
}

export const median = (values: readonly number[]): number | null => quantile(values, 0.5);

/** With fewer values the 99th percentile is nothing but the greatest of them. */
export const ENOUGH_FOR_P99 = 100;
