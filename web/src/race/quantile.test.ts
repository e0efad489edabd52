import { expect, it } from "vitest";
import { median, quantile } from "./quantile";

const HUNDRED = Array.from({ length: 100 }, (_, n) => 100 - n);

it("takes the nearest rank, in any order", () => {
  expect(quantile(HUNDRED, 0.99)).toBe(99);
  expect(quantile(HUNDRED, 0.07)).toBe(7);
  expect(quantile(HUNDRED, 1)).toBe(100);
  expect(quantile(HUNDRED, 0)).toBe(1);
  expect(median([3, 1, 2])).toBe(2);
  expect(median([4, 1, 2, 3])).toBe(2);
});

it("gives the greatest as p99 of few, and nothing of nothing", () => {
  expect(quantile([5, 9, 7], 0.99)).toBe(9);
  expect(median([])).toBeNull();
});

it("leaves the values in their order", () => {
  const values = [3, 1, 2];
  median(values);
  expect(values).toEqual([3, 1, 2]);
});
