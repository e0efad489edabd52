// InspectorPane the transport, in the page: the networks that can be chosen, and how they are said. Pure.

import type { Network } from "../control";

export const STILL: Network = { delay_ms: 0, jitter_ms: 0, bandwidth_bit_per_s: null };

/** How far the sliders go; the server allows more. */
export const MOST_DELAY_MS = 1_000;
export const MOST_JITTER_MS = 300;

/** From no limit down to a modem of 1996. */
export const BANDWIDTHS: readonly (number | null)[] = [
  null,
  100_000_000,
  10_000_000,
  1_000_000,
  256_000,
  56_000,
  9_600,
];

/** With another delay; the jitter never exceeds it, for nothing arrives before it was sent. */
export const delayed = (network: Network, delay_ms: number): Network => ({
  ...network,
  delay_ms,
  jitter_ms: Math.min(network.jitter_ms, delay_ms),
});

export const jittered = (network: Network, jitter_ms: number): Network => ({
  ...network,
  jitter_ms,
  delay_ms: Math.max(network.delay_ms, jitter_ms),
});

export const isStill = (network: Network): boolean =>
  network.delay_ms === 0 && network.jitter_ms === 0 && network.bandwidth_bit_per_s === null;

/** The stop of the slider that is nearest to a bandwidth, by ratio. */
export function stopOf(bit_per_s: number | null): number {
  if (bit_per_s === null) return 0;
  const off = (stop: number | null) =>
    stop === null ? Number.POSITIVE_INFINITY : Math.abs(Math.log(stop / bit_per_s));
  const offs = BANDWIDTHS.map(off);
  return offs.indexOf(Math.min(...offs));
}

/** "56 kbit/s". */
export function sayBandwidth(bit_per_s: number): string {
  if (bit_per_s >= 1_000_000) return `${bit_per_s / 1_000_000} Mbit/s`;
  return `${bit_per_s / 1_000} kbit/s`;
}
