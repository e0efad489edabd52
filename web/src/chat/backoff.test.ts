import { expect, it } from "vitest";
import { backoff, FIRST_MS, LAST_MS } from "./backoff";

it("doubles up to its bound, and spreads", () => {
  expect(backoff(0, 0)).toBe(FIRST_MS / 2);
  expect(backoff(1, 0)).toBe(FIRST_MS);
  expect(backoff(1_000, 0)).toBe(LAST_MS / 2);
  expect(backoff(1_000, 0.999)).toBeLessThan(LAST_MS);
});
