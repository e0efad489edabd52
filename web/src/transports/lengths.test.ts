import { describe, expect, it } from "vitest";
import { encode, Texts } from "./lengths";

const TEXTS = ["", "a", "é".repeat(40), "x".repeat(63), "x".repeat(64), "y".repeat(16_384)];

describe("texts with their length before them", () => {
  it("are written as QUIC writes numbers", () => {
    expect([...encode("ab")]).toEqual([2, 97, 98]);
    expect([...encode("x".repeat(64)).subarray(0, 2)]).toEqual([0x40, 64]);
    expect([...encode("x".repeat(16_384)).subarray(0, 4)]).toEqual([0x80, 0, 64, 0]);
  });

  it.each([1, 3, 1000, 100_000])("are the same in pieces of %i bytes", (size) => {
    const whole = TEXTS.flatMap((text) => [...encode(text)]);
    const reader = new Texts();
    const found: string[] = [];
    for (let at = 0; at < whole.length; at += size) {
      found.push(...reader.feed(new Uint8Array(whole.slice(at, at + size))));
    }
    expect(found).toEqual(TEXTS);
  });
});
