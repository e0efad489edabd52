import { describe, expect, it } from "vitest";
import { planned } from "./options";
import { advanced, type Happening, lined, productOf, resultOf, savable, voidOf } from "./ranking";

const PLAN = planned({ transports: ["a", "b"], rounds: 2, messages: 2, burst: 10 }, 9);
const when = (...happenings: Happening[]) => happenings.reduce(advanced, lined(PLAN));

describe("how a race stands", () => {
  it("counts what is done of what there is to do", () => {
    expect(lined(PLAN)).toMatchObject({ done: 0, total: 14 });
    const ranking = when(
      { type: "opened", transport: "a" },
      { type: "handshake", transport: "a", ms: 3 },
      { type: "rtt", transport: "a", ms: 1 },
    );
    expect(ranking.done).toBe(2);
    expect(ranking.lanes.a).toMatchObject({ state: "running", handshake_ms: [3], rtt_ms: [1] });
    expect(ranking.lanes.b?.state).toBe("waiting");
  });

  it("has nothing more to do on a wire that failed", () => {
    const ranking = when(
      { type: "rtt", transport: "a", ms: 1 },
      { type: "failed", transport: "a", reason: "refused" },
    );
    expect(ranking.done).toBe(7);
    expect(voidOf(ranking.lanes.a!)).toBe("refused");
  });

  it("passes over a wire that does not run", () => {
    expect(when({ type: "rtt", transport: "x", ms: 1 })).toEqual(lined(PLAN));
  });
});

describe("the result", () => {
  it("has bytes by message, and everything that was measured", () => {
    const ranking = when(
      { type: "handshake", transport: "a", ms: 1.23456 },
      { type: "traffic", transport: "a", messages: 2, up_bytes: 200, down_bytes: 301 },
      { type: "traffic", transport: "a", messages: 2, up_bytes: 200, down_bytes: 301 },
      { type: "totals", transport: "a", connections: 1, requests: 1 },
      { type: "burst", transport: "a", burst: { messages: 10, ms: 5.00049, lost: 0 } },
      { type: "finished", transport: "a" },
    );
    const result = resultOf(ranking, "Chrome/1");
    expect(result.transports.a).toEqual({
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
    const ranking = when(
      { type: "lost", transport: "a", messages: 1 },
      { type: "burst", transport: "b", burst: { messages: 10, ms: 5, lost: 2 } },
    );
    const result = resultOf(ranking, "x");
    expect(result.void).toEqual({ a: "1 lost", b: "2 lost" });
    expect(result.transports).toEqual({});
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
