import { describe, expect, it } from "vitest";
import type { TransportRecord } from "../control";
import { tripsOf } from "./trips";

const record = (
  n: number,
  kind: TransportRecord["kind"],
  direction: TransportRecord["direction"],
  at_ms: number,
): TransportRecord => ({
  n,
  at_ms,
  connection: 1,
  direction,
  kind,
  title: "",
  bytes: 10,
  meaning: [],
  exchange: null,
  http: 0,
  framing: 0,
  payload: 0,
  tls: 0,
  says: [],
});

/** At 100 ms one way, as the relay shows it: the request is there at once, and leaves at 200 ms. */
const RECORDS = [
  record(1, "opened", "none", 5),
  record(2, "request", "up", 6),
  record(3, "response", "down", 306),
];

describe("the trips of a link's records", () => {
  it("begin where a connection was open, and end where they arrived", () => {
    const arrived = new Map([
      [1, 205],
      [2, 305],
      [3, 406],
    ]);
    expect([...tripsOf(RECORDS, arrived).values()]).toEqual([
      { from: 5, to: 205 },
      { from: 205, to: 305 },
      { from: 306, to: 406 },
    ]);
  });

  it("have no end while they are under way", () => {
    expect(tripsOf(RECORDS, new Map([[1, 205]])).get(2)).toEqual({ from: 205, to: null });
  });
});
