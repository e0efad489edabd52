import { describe, expect, it } from "vitest";
import type { Account, TransportRecord } from "../control";
import { type Block, handshakeOf, messageOf, type Part, type Seen } from "./waterfall";

const record = (
  n: number,
  kind: TransportRecord["kind"],
  direction: TransportRecord["direction"],
  at_ms: number,
  says: TransportRecord["says"] = [],
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
  http: 1,
  framing: 2,
  payload: 7,
  tls: 0,
  says,
});

const bytes = { http: 0, framing: 1, payload: 9, undecodable: 0, tls: 0 };
const cost = { up: bytes, down: { ...bytes, payload: 19 } };
const TURNS = [
  { purpose: "TCP", up: 1, down: 1 },
  { purpose: "101", up: 2, down: 3 },
  { purpose: "join", up: 4, down: 5 },
];
const ACCOUNT: Account = {
  joined: { counted: { round_trips: 3, cost }, turns: TURNS },
  upgrade: null,
  spent: { message: { count: 1, cost } },
  said: { up: 6, down: 8, cost },
};
/** WebSocket at 100 ms one way: the link's clock is 1,000 ms behind the page's. */
const SEEN: Seen = {
  timeline: {
    entries: [
      record(1, "opened", "none", 5),
      record(2, "request", "up", 6),
      record(3, "response", "down", 310),
      record(4, "frame", "up", 412),
      record(5, "frame", "down", 513),
      record(6, "frame", "up", 701, [{ kind: "command", name: "say" }]),
      record(7, "frame", "down", 803, [{ kind: "event", name: "message" }]),
      record(8, "frame", "down", 804, [{ kind: "reply", name: "said" }]),
    ],
    arrived: new Map([
      [1, 205],
      [2, 305],
      [3, 410],
      [4, 512],
      [5, 613],
      [6, 801],
      [7, 903],
      [8, 904],
    ]),
    account: ACCOUNT,
  },
  marks: { connect: 1_003, joined: 1_615, say: 1_700, said: 1_906, delivered: 1_905 },
  clock_ms: 1_000,
  messages: 1,
};

const shown = (part: Part | null) =>
  part?.rows.map(({ name, blocks }) => [name, ...blocks.map(({ kind, to }) => `${kind} ${to}`)]);

/** Each block begins where the last one ended. */
function joinUp(blocks: readonly Block[], from: number): number {
  let at = from;
  for (const block of blocks) {
    expect(block.from).toBe(at);
    at = block.to;
  }
  return at;
}

describe("the handshake", () => {
  it("has a row for each round trip of the ledger, from the page's call until it had joined", () => {
    const part = handshakeOf(SEEN);
    expect(shown(part)).toEqual([
      ["TCP", "page 2", "connect 202"],
      ["101", "page 202", "request 302", "waiting 307", "answer 407"],
      ["join", "page 409", "request 509", "waiting 510", "answer 610", "page 612"],
    ]);
    expect(part).toMatchObject({ ms: 612, end: 612, roundTrips: 3, up: 10, down: 20 });
    const blocks = part!.rows.flatMap((row) => row.blocks);
    expect(joinUp(blocks, 0)).toBe(612);
  });

  it("adds up where the two clocks disagree a little", () => {
    const part = handshakeOf({ ...SEEN, clock_ms: 1_004 });
    expect(
      joinUp(
        part!.rows.flatMap((row) => row.blocks),
        0,
      ),
    ).toBe(612);
    const early = handshakeOf({ ...SEEN, clock_ms: 990 });
    expect(
      joinUp(
        early!.rows.flatMap((row) => row.blocks),
        0,
      ),
    ).toBe(612);
  });

  it("is not drawn before all of it is known", () => {
    const { timeline } = SEEN;
    const without = (n: number) => new Map([...timeline.arrived].filter(([each]) => each !== n));
    expect(handshakeOf({ ...SEEN, marks: { ...SEEN.marks, joined: null } })).toBe(null);
    for (const n of [1, 5]) {
      const seen = { ...SEEN, timeline: { ...timeline, arrived: without(n) } };
      expect(handshakeOf(seen)).toBe(null);
    }
    const none = { ...ACCOUNT, joined: null };
    expect(handshakeOf({ ...SEEN, timeline: { ...timeline, account: none } })).toBe(null);
    const empty = { ...ACCOUNT, joined: { ...ACCOUNT.joined!, turns: [] } };
    expect(handshakeOf({ ...SEEN, timeline: { ...timeline, account: empty } })).toBe(null);
  });
});

describe("a message", () => {
  it("has its answer, and its delivery to the page", () => {
    const part = messageOf(SEEN);
    expect(shown(part)).toEqual([
      ["say", "page 1", "request 101", "waiting 104", "answer 204", "page 206"],
      ["message", "delivery 203", "page 205"],
    ]);
    expect(part).toMatchObject({ ms: 206, end: 206, up: 10, down: 20 });
    expect(part?.rows[1]?.blocks[0]).toMatchObject({ from: 103, bytes: { payload: 7 } });
  });

  it("is the one that the ledger speaks of", () => {
    expect(messageOf({ ...SEEN, messages: 2 })).toBe(null);
    expect(messageOf({ ...SEEN, marks: { ...SEEN.marks, delivered: null } })).toBe(null);
  });

  it("has no delivery where its record is not known", () => {
    const entries = [...SEEN.timeline.entries.slice(0, 6), SEEN.timeline.entries[7]!];
    const part = messageOf({ ...SEEN, timeline: { ...SEEN.timeline, entries } });
    expect(part?.rows.map(({ name }) => name)).toEqual(["say"]);
  });
});
