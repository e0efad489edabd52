import { describe, expect, it } from "vitest";
import { STILL } from "../inspector/network";
import { estimateMs, remainingMs, roundedSeconds } from "./estimate";

const NATIVE = { family: "native", websocket: false, polling: false } as const;
const UPGRADED = { family: "socketio", websocket: true, polling: true } as const;
const POLLING = { family: "socketio", websocket: false, polling: true } as const;
const WEBSOCKET = { family: "socketio", websocket: true, polling: false } as const;
const FALLBACK = { family: "fallback", websocket: false, polling: true } as const;
const LENGTH = { rounds: 5, messages: 5, together: false, network: STILL };
const FAR = { ...STILL, delay_ms: 100 };

describe("how long a race takes", () => {
  it("is some seconds by default, and longer the farther the server is", () => {
    const usual = [NATIVE, WEBSOCKET, POLLING, UPGRADED];
    const near = estimateMs(usual, LENGTH);
    expect(near).toBeGreaterThan(2_000);
    expect(near).toBeLessThan(8_000);
    expect(estimateMs(usual, { ...LENGTH, network: FAR })).toBeGreaterThan(5 * near);
  });

  it("is longer where a transport needs more round trips", () => {
    const far = { ...LENGTH, network: FAR };
    const each = [NATIVE, WEBSOCKET, POLLING, UPGRADED].map((one) => estimateMs([one], far));
    expect(each).toEqual([...each].sort((a, b) => a - b));
    expect(new Set(each).size).toBe(4);
    expect(estimateMs([FALLBACK], far)).toBeGreaterThan(estimateMs([NATIVE], far));
  });

  it("is shorter with all at once, and longer on a thin line", () => {
    const two = [NATIVE, POLLING];
    const usual = estimateMs(two, { ...LENGTH, network: FAR });
    expect(estimateMs(two, { ...LENGTH, network: FAR, together: true })).toBeLessThan(usual);
    const thin = { ...STILL, bandwidth_bit_per_s: 56_000 };
    expect(estimateMs(two, { ...LENGTH, network: thin })).toBeGreaterThan(estimateMs(two, LENGTH));
    expect(estimateMs([], LENGTH)).toBeGreaterThan(0);
  });

  it("is said by what is done, once enough is", () => {
    expect(remainingMs({ done: 1, total: 100 }, 500, 9_500)).toBe(9_000);
    expect(remainingMs({ done: 1, total: 100 }, 500, 100)).toBe(0);
    expect(remainingMs({ done: 50, total: 100 }, 4_000, 9_000)).toBe(4_000);
  });

  it.each([
    [0, 5],
    [4_200, 5],
    [31_000, 35],
    [61_000, 90],
    [601_000, 660],
  ])("rounds %d ms up to %d s", (ms, seconds) => {
    expect(roundedSeconds(ms)).toBe(seconds);
  });
});
