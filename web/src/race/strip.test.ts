import { describe, expect, it } from "vitest";
import { LOOKS, markAt } from "./look";
import { heightAt, roundUp, SHOWN, stripOf, topOf } from "./strip";

const count = (path: string) => path.split("M").length - 1;
const FRAME = { width: 300, height: 50, top: 10, expected: 100 };

describe("the strips", () => {
  it("have one scale, which a few slow ones do not spoil", () => {
    const quick = Array.from({ length: 199 }, () => 3);
    expect(topOf([quick, [...quick, 900]])).toBe(5);
    expect(topOf([])).toBeNull();
  });

  it.each([
    [1, 1],
    [1.1, 2],
    [4, 5],
    [70, 100],
    [0.03, 0.05],
  ])("round %d up to %d", (value, round) => {
    expect(roundUp(value)).toBeCloseTo(round, 9);
  });

  it("draw a mark for each sample, apart those that are off the scale", () => {
    const { marks, beyond, clipped } = stripOf([1, 2, 30, 4], 0, FRAME);
    expect([count(marks), count(beyond)]).toEqual([3, 1]);
    expect(clipped).toEqual({ count: 1, longest: 30 });
    expect(stripOf([1, 2], 0, FRAME).clipped).toBeNull();
  });

  it("stay bounded", () => {
    const many = Array.from({ length: 5_000 }, () => 1);
    expect(count(stripOf(many, 1, { ...FRAME, expected: 5_000 }).marks)).toBe(SHOWN);
  });

  it("put the slow above the quick, and none outside", () => {
    expect(heightAt(0, FRAME)).toBe(46.5);
    expect(heightAt(10, FRAME)).toBe(3.5);
    expect(heightAt(99, FRAME)).toBe(3.5);
  });
});

it("gives every transport a mark of its own", () => {
  const marks = Array.from({ length: LOOKS }, (_, look) => markAt(look, 10, 10, 4));
  expect(new Set(marks).size).toBe(9);
  for (const mark of marks) expect(mark).toMatch(/^M[\d. L]+z$/);
});
