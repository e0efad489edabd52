import { expect, it } from "vitest";
import { BANDWIDTHS, delayed, isStill, jittered, STILL, sayBandwidth, stopOf } from "./network";

it("finds the stop of each bandwidth, and the nearest of any other", () => {
  for (const [at, bandwidth] of BANDWIDTHS.entries()) expect(stopOf(bandwidth)).toBe(at);
  expect(BANDWIDTHS[stopOf(60_000)]).toBe(56_000);
  expect(BANDWIDTHS[stopOf(1)]).toBe(9_600);
  expect(BANDWIDTHS[stopOf(1e12)]).toBe(100_000_000);
});

it("says a bandwidth as people do", () => {
  expect([100_000_000, 256_000, 9_600].map(sayBandwidth)).toEqual([
    "100 Mbit/s",
    "256 kbit/s",
    "9.6 kbit/s",
  ]);
});

it("knows the network that is not shaped", () => {
  expect(isStill(STILL)).toBe(true);
  expect(isStill({ ...STILL, jitter_ms: 1 })).toBe(false);
});

it("never has more jitter than delay", () => {
  const shaped = jittered(delayed(STILL, 50), 80);
  expect(shaped).toEqual({ ...STILL, delay_ms: 80, jitter_ms: 80 });
  expect(delayed(shaped, 20)).toEqual({ ...STILL, delay_ms: 20, jitter_ms: 20 });
  expect(delayed(shaped, 200).jitter_ms).toBe(80);
});
