import { expect, it } from "vitest";
import { fileName, sayMs, sayTimes } from "./say";

it("says three digits", () => {
  expect([0.4211, 4.211, 9.999, 42.11, 99.97, 421.1].map(sayMs)).toEqual([
    "0.42",
    "4.21",
    "10.0",
    "42.1",
    "100",
    "421",
  ]);
});

it("names a file as the lab names its runs", () => {
  expect(fileName(new Date(Date.UTC(2026, 10, 25, 22, 15, 30, 7)))).toBe(
    "20261125T221530Z-race.json",
  );
});

it.each([
  [1.04, "1.0"],
  [2.35, "2.4"],
  [9.96, "10"],
  [31.4, "31"],
])("says %d times", (ratio, said) => {
  expect(sayTimes(ratio)).toBe(said);
});
