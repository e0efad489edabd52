import { expect, it } from "vitest";
import { sayBytes, sayTime } from "./format";

it("says times in seconds, and bytes exactly", () => {
  expect(sayTime(1_234.5678)).toBe("1.235");
  expect([0, 999, 1_000, 1_234_567].map(sayBytes)).toEqual([
    "0",
    "999",
    "1\u2009000",
    "1\u2009234\u2009567",
  ]);
});
