import { describe, expect, it } from "vitest";
import { planned } from "./options";
import { advanced, type Happening, lined, productOf, resultOf, savable, voidOf } from "./standing";

const PLAN = planned({ wires: ["a", "b"], rounds: 2, messages: 2, burst: 10 }, 9);
const when = (...happenings: Happening[]) => happenings.reduce(advanced, lined(PLAN));

describe("how a race stands", () => {
  it("counts what is done of what there is to do", () => {
    expect(lined(PLAN)).toMatchObject({ done: 0, total: 14 });
    const standing = when(
      { type: "opened", wire: "a" },
      { type: "handshake", wire: "a", ms: 3 },
      { type: "rtt", wire: "a", ms: 1 },
    );
    expect(standing.done).toBe(2);
    expect(standing.lanes.a).toMatchObject({ state: "running", handshake_ms: [3], rtt_ms: [1] });
    expect(standing.lanes.b?.state).toBe("waiting");
  });

  it("has nothing more to do on a wire that failed", () => {
    const standing = when(
      { type: "rtt", wire: "a", ms: 1 },
      { type: "failed", wire: "a", reason: "refused" },
    );
    expect(standing.done).toBe(7);
    expect(voidOf(standing.lanes.a!)).toBe("refused");
  });

  it("passes over a wire that does not run", () => {
    expect(when({ type: "rtt", wire: "x", ms: 1 })).toEqual(lined(PLAN));
  });
});

describe("the result", () => {
  it("has bytes by message, and everything that was measured", () => {
    const standing = when(
      { type: "handshake", wire: "a", ms: 1.23456 },
      { type: "traffic", wire: "a", messages: 2, up_bytes: 200, down_bytes: 301 },
      { type: "traffic", wire: "a", messages: 2, up_bytes: 200, down_bytes: 301 },
      { type: "totals", wire: "a", connections: 1, requests: 1 },
      { type: "burst", wire: "a", burst: { messages: 10, ms: 5.00049, lost: 0 } },
      { type: "finished", wire: "a" },
    );
    const result = resultOf(standing, "Chrome/1");
    expect(result.wires.a).toEqual({
      handshake_ms: [1.235],
      rtt_ms: [],
      burst: { messages: 10, ms: 5, lost: 0 },
      up_bytes_per_message: 100,
      down_bytes_per_message: 150.5,
      connections: 1,
      requests: 1,
    });
    expect(result).toMatchObject({ version: 1, rounds: 2, network: PLAN.network, void: {} });
    expect(savable(result)).not.toHaveProperty("void");
  });

  it("is void where a message was lost", () => {
    const standing = when(
      { type: "lost", wire: "a", messages: 1 },
      { type: "burst", wire: "b", burst: { messages: 10, ms: 5, lost: 2 } },
    );
    const result = resultOf(standing, "x");
    expect(result.void).toEqual({ a: "1 lost", b: "2 lost" });
    expect(result.wires).toEqual({});
  });
});

it.each([
  ["Mozilla/5.0 (X11) AppleWebKit/537.36 Chrome/131.0.0.0 Safari/537.36", "Chrome/131.0.0.0"],
  ["Mozilla/5.0 (X11) HeadlessChrome/131.0.0.0 Safari/537.36", "HeadlessChrome/131.0.0.0"],
  ["Mozilla/5.0 (X11; rv:133.0) Gecko/20100101 Firefox/133.0", "Firefox/133.0"],
  ["Mozilla/5.0 (Macintosh) Version/18.1 Safari/605.1.15", "Safari/18.1"],
  ["curl", "unknown"],
])("reduces %s", (userAgent, product) => {
  expect(productOf(userAgent)).toBe(product);
});
