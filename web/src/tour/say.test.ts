import { expect, it } from "vitest";
import { sayValue } from "./say";
import type { Step } from "./steps";

it.each<[Step, number, string]>([
  ["handshake", 3, "3"],
  ["polling", 2_143.4, "2\u2009143"],
  ["cut", 1, "1"],
  ["cut", 0.5, "0.5"],
  ["emulate", 203.44, "203"],
  ["race", 1.5, "1.5"],
  ["race", 2.34, "2.3"],
])("says the value of %s, %d, as %s", (step, value, said) => {
  expect(sayValue(step, value)).toBe(said);
});
