import { describe, expect, it } from "vitest";
import type { WireRecord } from "../control";
import { HEAD, layOut, NOTE, ROW } from "./sequence";

const record = (
  kind: WireRecord["kind"],
  direction: WireRecord["direction"],
  title: string,
  meaning: string[] = [],
  at_ms = 0,
): WireRecord => ({
  n: 1,
  at_ms,
  connection: 1,
  direction,
  kind,
  title,
  bytes: 10,
  meaning,
  exchange: 1,
});

const NATIVE = [
  record("opened", "none", "TCP", [], 5),
  record("request", "up", "GET /", [], 6),
  record("response", "down", "101 Switching Protocols", [], 7),
  record("frame", "up", "text frame, 40 B", ["join #1"], 8),
  record("frame", "down", "text frame, 90 B", ["joined #1"], 9.5),
];

describe("the sequence diagram", () => {
  it("has a row for each record, by the time since the first", () => {
    const { arrows, height } = layOut(NATIVE);
    expect(arrows.map((arrow) => arrow.y)).toEqual([0, 1, 2, 3, 4].map((row) => HEAD + row * ROW));
    expect(arrows.map((arrow) => arrow.way)).toEqual(["both", "up", "down", "up", "down"]);
    expect(arrows.at(-1)?.at_ms).toBe(4.5);
    expect(height).toBeGreaterThan(HEAD + 5 * ROW);
  });

  it("begins a turn where the client sends after it heard", () => {
    const { bands, joined } = layOut(NATIVE);
    expect(bands.map(({ turn, height }) => [turn, height / ROW])).toEqual([
      [1, 1],
      [2, 2],
      [3, 2 + NOTE / ROW],
    ]);
    expect(joined).toEqual({ y: HEAD + 5 * ROW + NOTE, turn: 3 });
  });

  it("does not wait for what is opened, or sent, beside it", () => {
    const on = (connection: number, one: WireRecord) => ({ ...one, connection });
    const { bands, joined } = layOut([
      on(1, record("opened", "none", "TCP")),
      on(1, record("request", "up", "GET /")),
      on(1, record("response", "down", "200 OK", ["Engine.IO open"])),
      on(2, record("opened", "none", "TCP")),
      on(3, record("opened", "none", "TCP")),
      on(1, record("request", "up", "POST /", ["join #1"])),
      on(2, record("request", "up", "GET /")),
      on(1, record("response", "down", "200 OK", ["OK"])),
      on(2, record("response", "down", "200 OK", ["joined #1"])),
    ]);
    expect(bands.map(({ turn, height }) => [turn, height / ROW])).toEqual([
      [1, 1],
      [2, 2],
      [3, 3],
      [4, 3 + NOTE / ROW],
    ]);
    expect(joined?.turn).toBe(4);
  });

  it("lets a reply wait for its command, on whatever connection it comes", () => {
    const on = (connection: number, one: WireRecord) => ({ ...one, connection });
    const { joined } = layOut([
      on(1, record("opened", "none", "TCP")),
      on(1, record("request", "up", "GET /poll")),
      on(2, record("opened", "none", "TCP")),
      on(2, record("request", "up", "GET /")),
      on(2, record("response", "down", "200 OK")),
      on(2, record("request", "up", "POST /", ["join #7"])),
      on(1, record("response", "down", "200 OK", ["joined #7"])),
    ]);
    expect(joined?.turn).toBe(3);
  });

  it("says the request by its path and transport, and a frame by what is in it", () => {
    const polled = record("request", "up", "GET /socket.io/?EIO=4&transport=polling&sid=x");
    expect(layOut([polled, NATIVE[3]!]).arrows.map((arrow) => arrow.title)).toEqual([
      "GET /socket.io/ (polling)",
      "join #1",
    ]);
    expect(layOut([record("frame", "up", "ping frame")]).arrows[0]?.title).toBe("ping frame");
    expect(layOut([record("frame", "up", "x".repeat(99))]).arrows[0]?.title).toHaveLength(64);
  });

  it("ends a connection without an arrow, and draws nothing from nothing", () => {
    expect(layOut([record("fin", "up", "FIN")]).arrows[0]?.way).toBe("end");
    expect(layOut([])).toMatchObject({ arrows: [], bands: [], joined: null });
  });
});
