import { describe, expect, it } from "vitest";
import { random, schedule, shuffled } from "./schedule";

const TRANSPORTS = ["a", "b", "c", "d", "e"];

describe("the schedule", () => {
  it("lets every transport run once in each round", () => {
    const rounds = schedule(TRANSPORTS, 20, 7);
    expect(rounds).toHaveLength(20);
    for (const round of rounds) expect([...round].sort()).toEqual(TRANSPORTS);
  });

  it("is the same for the same seed, and another for another", () => {
    expect(schedule(TRANSPORTS, 10, 1)).toEqual(schedule(TRANSPORTS, 10, 1));
    expect(schedule(TRANSPORTS, 10, 1)).not.toEqual(schedule(TRANSPORTS, 10, 2));
  });

  it("lets every transport begin about as often", () => {
    const first = new Map<string, number>();
    for (const [transport] of schedule(TRANSPORTS, 5_000, 3))
      first.set(transport!, (first.get(transport!) ?? 0) + 1);
    for (const count of first.values()) expect(Math.abs(count - 1_000)).toBeLessThan(150);
  });

  it("leaves what it was given as it was", () => {
    const list = [1, 2, 3];
    expect(shuffled(list, random(5)).sort()).toEqual(list);
    expect(list).toEqual([1, 2, 3]);
  });

  it("draws numbers within [0, 1), and those that Mulberry32 gives", () => {
    const next = random(0);
    expect(next()).toBeCloseTo(0.26642920868471265, 12);
    for (let n = 0; n < 1_000; n++) {
      const number = next();
      expect(number >= 0 && number < 1).toBe(true);
    }
  });
});
