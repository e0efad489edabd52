import { describe, expect, it } from "vitest";
import { random, schedule, shuffled } from "./schedule";

const WIRES = ["a", "b", "c", "d", "e"];

describe("the schedule", () => {
  it("lets every wire run once in each round", () => {
    const rounds = schedule(WIRES, 20, 7);
    expect(rounds).toHaveLength(20);
    for (const round of rounds) expect([...round].sort()).toEqual(WIRES);
  });

  it("is the same for the same seed, and another for another", () => {
    expect(schedule(WIRES, 10, 1)).toEqual(schedule(WIRES, 10, 1));
    expect(schedule(WIRES, 10, 1)).not.toEqual(schedule(WIRES, 10, 2));
  });

  it("lets every wire begin about as often", () => {
    const first = new Map<string, number>();
    for (const [wire] of schedule(WIRES, 5_000, 3)) first.set(wire!, (first.get(wire!) ?? 0) + 1);
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
