import { describe, expect, it } from "vitest";
import type { Counters, TransportRecord } from "../control";
import {
  arrived,
  cleared,
  DRAWN,
  EMPTY,
  FILTERS,
  type Filter,
  filtered,
  isGap,
  KEPT,
  perMessage,
  received,
} from "./timeline";

let next = 1;
const record = (
  kind: TransportRecord["kind"],
  more: Partial<TransportRecord> = {},
): TransportRecord => ({
  n: next++,
  at_ms: 0,
  connection: 1,
  direction: kind === "opened" || kind === "closed" ? "none" : "up",
  kind,
  title: kind,
  bytes: 1,
  meaning: [],
  exchange: null,
  http: 0,
  framing: 0,
  payload: 0,
  tls: 0,
  says: [],
  ...more,
});
const counters: Counters = {
  type: "counters",
  line: "k1",
  connections: { opened: 2, live: 1 },
  requests: 3,
  up_bytes: 900,
  down_bytes: 400,
  commands: 3,
  deliveries: 0,
  undecoded_bytes: 0,
};

describe("the timeline", () => {
  it("keeps the newest entries, and counts all", () => {
    const many = Array.from({ length: 30 }, () => record("frame"));
    const timeline = received(received(EMPTY, many.slice(0, 15), 0, 10), many.slice(15), 0, 10);
    expect(timeline.entries).toEqual(many.slice(-10));
    expect(timeline.received).toBe(30);
  });

  it("says where records were only counted, and joins what lies together", () => {
    const one = record("frame");
    const timeline = received(received(received(EMPTY, [one], 3), [], 4), [record("frame")], 0);
    expect(timeline.entries[1]).toEqual({ skipped: 7, after: one.n });
    expect(timeline.skipped).toBe(7);
    expect(timeline.entries).toHaveLength(3);
  });

  it("begins with a gap where nothing came before it", () => {
    expect(received(EMPTY, [], 5).entries).toEqual([{ skipped: 5, after: 0 }]);
  });

  it("stays bounded under a long burst", () => {
    let timeline = EMPTY;
    for (let push = 0; push < 100; push++) {
      timeline = received(timeline, [record("frame"), record("frame")], 800, 50);
    }
    expect(timeline.entries.length).toBe(50);
    expect(timeline.received + timeline.skipped).toBe(80_200);
  });

  it("filters by kind and leaves the gaps", () => {
    const timeline = received(EMPTY, [record("opened"), record("request"), record("frame")], 2);
    const shown = filtered(timeline.entries, new Set<Filter>(["frames"]));
    expect(shown.map((entry) => (isGap(entry) ? "gap" : entry.kind))).toEqual(["frame", "gap"]);
    expect(filtered(timeline.entries, new Set(FILTERS))).toBe(timeline.entries);
  });

  it("gives bytes per message only where there was a message", () => {
    const each = { http: 2, framing: 4, payload: 6, undecodable: 0, tls: 0 };
    const cost = { up: each, down: { ...each, http: 0 } };
    expect(
      perMessage({
        joined: null,
        said: null,
        upgrade: null,
        spent: { message: { count: 2, cost } },
      }),
    ).toEqual({
      up: 6,
      down: 5,
    });
    expect(
      perMessage({
        joined: null,
        said: null,
        upgrade: null,
        spent: { message: { count: 0, cost } },
      }),
    ).toEqual({
      up: null,
      down: null,
    });
    expect(perMessage(null)).toEqual({ up: null, down: null });
  });

  it("knows when a record had crossed, as long as it may be drawn", () => {
    const opened = record("opened");
    const begun = received(EMPTY, [opened], 0);
    const after = arrived(begun, { records: [opened], passed: [[opened.n + 1, 7]] }, 100);
    expect([...after.arrived.values()]).toEqual([opened.at_ms + 200, 7]);
    const many = Array.from({ length: KEPT + 5 }, (_, n): [number, number] => [n + 1_000, n]);
    const later = arrived(after, { records: [], passed: many }, 0).arrived;
    expect(later.has(opened.n)).toBe(true);
    expect(later.size).toBe(KEPT + 1);
  });

  it("is emptied but for what counts the whole line", () => {
    const timeline = received({ ...EMPTY, counters }, [record("opened")], 1);
    expect(cleared(timeline)).toMatchObject({ entries: [], received: 0, skipped: 0, counters });
  });
});

describe("the handshake", () => {
  const says = { meaning: ["say #2"] };

  it("begins with the first connection and ends when somebody speaks", () => {
    const all = [record("opened"), record("request"), record("frame", says), record("frame")];
    const { handshake } = received(EMPTY, all, 0);
    expect(handshake.records).toEqual(all.slice(0, 3));
    expect(handshake.over).toBe(true);
  });

  it("is not drawn from its middle", () => {
    expect(received(EMPTY, [record("frame"), record("request")], 0).handshake.records).toEqual([]);
  });

  it("begins anew only when no connection was left", () => {
    const second = record("opened", { connection: 2 });
    const first = [record("opened"), second, record("closed"), record("opened")];
    const one = received(EMPTY, first, 0);
    expect(one.handshake.records).toHaveLength(4);
    const gone = [record("closed"), record("closed", { connection: 2 })];
    const again = record("opened", { connection: 3 });
    expect(received(one, [...gone, again], 0).handshake.records).toEqual([again]);
  });

  it("is bounded, and ends where records are missing", () => {
    const frames = Array.from({ length: 100 }, () => record("frame"));
    const { handshake } = received(EMPTY, [record("opened"), ...frames], 0);
    expect(handshake.records).toHaveLength(DRAWN);
    expect(received(EMPTY, [record("opened")], 1).handshake.over).toBe(true);
  });
});
