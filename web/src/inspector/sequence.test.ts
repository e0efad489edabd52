import { describe, expect, it } from "vitest";
import type { TransportRecord } from "../control";
import { HEAD, layOut, NOTE, ROW } from "./sequence";

const record = (
  kind: TransportRecord["kind"],
  direction: TransportRecord["direction"],
  title: string,
  meaning: string[] = [],
  at_ms = 0,
): TransportRecord => ({
  n: 1,
  at_ms,
  connection: 1,
  direction,
  kind,
  title,
  bytes: 10,
  meaning,
  exchange: 1,
  http: 0,
  framing: 0,
  payload: 0,
  tls: 0,
  says: [],
});

const NATIVE = [
  record("opened", "none", "TCP", [], 5),
  record("request", "up", "GET /", [], 6),
  record("response", "down", "101 Switching Protocols", [], 7),
  record("frame", "up", "text frame, 40 B", ["join #1"], 8),
  record("frame", "down", "text frame, 90 B", ["joined #1"], 9.5),
].map((each, at) => ({ ...each, n: at + 1 }));

const STILL = new Map(NATIVE.map(({ n, at_ms }) => [n, at_ms]));
const NONE = new Map<number, number>();

describe("the sequence diagram", () => {
  it("has a row for each record, by the time since the first", () => {
    const { arrows, height } = layOut(NATIVE, [], STILL);
    expect(arrows.map((arrow) => arrow.y)).toEqual([0, 1, 2, 3, 4].map((row) => HEAD + row * ROW));
    expect(arrows.map((arrow) => arrow.way)).toEqual(["both", "up", "down", "up", "down"]);
    expect(arrows.at(-1)?.at_ms).toBe(4.5);
    expect(height).toBeGreaterThan(HEAD + 5 * ROW);
  });

  it("has the page's times: when it could send, and when an answer had come", () => {
    const slow = NATIVE.map((each, at) => ({ ...each, at_ms: [0, 1, 301, 402, 502][at]! }));
    const arrived = new Map([
      [1, 200],
      [2, 300],
      [3, 401],
      [4, 502],
    ]);
    const { arrows } = layOut(slow, [], arrived);
    expect(arrows.map(({ at_ms }) => at_ms)).toEqual([0, 200, 401, 402, null]);
  });

  it("has a band for each round trip of the ledger, down to what the page waited for", () => {
    const turns = [
      { purpose: "TCP", up: 1, down: 1 },
      { purpose: "101", up: 2, down: 3 },
      { purpose: "join", up: 4, down: 5 },
    ];
    const { bands, joined } = layOut(NATIVE, turns, STILL);
    expect(bands.map(({ turn, height }) => [turn, height / ROW])).toEqual([
      [1, 1],
      [2, 2],
      [3, 2 + NOTE / ROW],
    ]);
    expect(joined).toEqual({ y: HEAD + 5 * ROW + NOTE, turn: 3 });
    expect(layOut(NATIVE, [], STILL).joined).toBe(null);
  });

  it("says the request by its path and transport, and a frame by what is in it", () => {
    const polled = record("request", "up", "GET /socket.io/?EIO=4&transport=polling&sid=x");
    expect(layOut([polled, NATIVE[3]!], [], NONE).arrows.map((arrow) => arrow.title)).toEqual([
      "GET /socket.io/ (polling)",
      "join #1",
    ]);
    expect(layOut([record("frame", "up", "ping frame")], [], NONE).arrows[0]?.title).toBe(
      "ping frame",
    );
    expect(layOut([record("frame", "up", "x".repeat(99))], [], NONE).arrows[0]?.title).toHaveLength(
      64,
    );
  });

  it("ends a connection without an arrow, and draws nothing from nothing", () => {
    expect(layOut([record("fin", "up", "FIN")], [], NONE).arrows[0]?.way).toBe("end");
    expect(layOut([], [], NONE)).toMatchObject({ arrows: [], bands: [], joined: null });
  });
});
