import { expect, it } from "vitest";
import { planned } from "./options";

it("fills in what was not said", () => {
  const plan = planned({ transports: ["a", "b"], rounds: 3, network: { delay_ms: 100 } }, 42);
  expect(plan).toEqual({
    transports: ["a", "b"],
    rounds: 3,
    handshakes: 1,
    messages: 5,
    burst: 0,
    payload_bytes: 64,
    together: false,
    seed: 42,
    network: { delay_ms: 100, jitter_ms: 0, bandwidth_bit_per_s: null },
  });
});

it.each([
  [{ rounds: 0 }, "rounds is 0, not 1 to 100"],
  [{ rounds: 2.5 }, "rounds is 2.5, not 1 to 100"],
  [{ rounds: Number.NaN }, "rounds is NaN, not 1 to 100"],
  [{ transports: [] }, "transports is 0, not 1 to 9"],
  [{ transports: ["a", "a"] }, "the same transport twice"],
  [{ burst: 5_000 }, "burst is 5000, not 0 to 1000"],
  [{ network: { delay_ms: 9_000 } }, "delay_ms is 9000, not 0 to 5000"],
  [{ network: { jitter_ms: 5 } }, "jitter_ms is more than delay_ms"],
  [{ network: { bandwidth_bit_per_s: 0 } }, "bandwidth_bit_per_s is 0"],
])("refuses %o", (options, message) => {
  expect(() => planned({ transports: ["a", "b"], rounds: 1, ...options }, 0)).toThrow(message);
});
