import { expect, it } from "vitest";
import { atEnd, movedBy, ROW_PX, reveal, rowsIn } from "./rows";

it("holds few rows of many", () => {
  const { from, to } = rowsIn(100 * ROW_PX, 20 * ROW_PX, 4_000);
  expect(from).toBe(92);
  expect(to).toBe(128);
  expect(rowsIn(0, 0, 0)).toEqual({ from: 0, to: 0 });
  expect(rowsIn(1e9, 100, 5)).toEqual({ from: 5, to: 5 });
});

it("follows at the end only", () => {
  expect(atEnd(80 * ROW_PX, 20 * ROW_PX, 100)).toBe(true);
  expect(atEnd(70 * ROW_PX, 20 * ROW_PX, 100)).toBe(false);
  expect(atEnd(0, 100, 0)).toBe(true);
});

it("scrolls no further than it has to", () => {
  expect(reveal(3, 10 * ROW_PX, 5 * ROW_PX)).toBe(3 * ROW_PX);
  expect(reveal(12, 10 * ROW_PX, 5 * ROW_PX)).toBe(10 * ROW_PX);
  expect(reveal(20, 10 * ROW_PX, 5 * ROW_PX)).toBe(16 * ROW_PX);
});

it("moves by the keys of a list, and stays within it", () => {
  const keys = ["ArrowUp", "ArrowDown", "PageUp", "PageDown", "Home", "End", "x"];
  expect(keys.map((key) => movedBy(key, 50, 100, 10 * ROW_PX))).toEqual([
    49,
    51,
    41,
    59,
    0,
    99,
    null,
  ]);
  expect(movedBy("ArrowUp", 0, 100, 0)).toBe(0);
  expect(movedBy("End", 0, 100, 0)).toBe(99);
});
