import { describe, expect, it } from "vitest";
import { type ChatState, NOBODY, type RoomState } from "../chat/state";
import type { Counters, WireInfo, WireRecord } from "../control";
import type { FeedState } from "../inspector/feed";
import { STILL } from "../inspector/network";
import { EMPTY, received } from "../inspector/timeline";
import { isDone, NOTHING_BEFORE, remembered, type Seen, STEPS, stepOf } from "./steps";

const wire = (
  name: string,
  family: WireInfo["family"],
  more: Partial<WireInfo> = {},
): WireInfo => ({
  name,
  summary: "",
  family,
  websocket: false,
  polling: false,
  available: true,
  reason: null,
  unsafe: null,
  group: "core",
  ...more,
});
const WIRES = [
  wire("websocket", "native"),
  wire("socketio", "socketio", { polling: true, websocket: true }),
  wire("socketio-polling", "socketio", { polling: true }),
  wire("xhr-polling", "fallback"),
  wire("sse", "fallback"),
];
const FEED: FeedState = {
  line: "k1",
  timeline: EMPTY,
  network: STILL,
  stalled: false,
  cuts: 0,
  problem: null,
};
const START: Seen = { chat: NOBODY, feed: FEED, race: { result: null }, wires: WIRES };

const record = (kind: WireRecord["kind"], direction: "up" | "down", said: string): WireRecord => ({
  n: 1,
  at_ms: 0,
  connection: 1,
  direction,
  kind,
  title: "",
  bytes: 1,
  meaning: [said],
  exchange: null,
});
const feedOf = (...records: WireRecord[]): FeedState => ({
  ...FEED,
  timeline: received(EMPTY, records, 0),
});
const room = (inside: boolean, rtts: Record<number, number> = {}) =>
  ({ inside, rtts }) as unknown as RoomState;
const inside = (more: Partial<ChatState> = {}, rtts: Record<number, number> = {}): ChatState => ({
  ...NOBODY,
  phase: "open",
  rooms: new Map([["lab", room(true, rtts)]]),
  ...more,
});
const opened = (count: number): Counters => ({
  type: "counters",
  line: "k1",
  connections: { opened: count, live: 1 },
  requests: 0,
  up_bytes: 0,
  down_bytes: 0,
  commands: 0,
  deliveries: 0,
  undecoded_bytes: 0,
});
const withCuts = (cuts: number, count: number): FeedState => ({
  ...FEED,
  cuts,
  timeline: { ...EMPTY, counters: opened(count) },
});

it("finds the step of a link", () => {
  expect(stepOf("cut")).toBe("cut");
  expect(stepOf("")).toBe("handshake");
  expect(stepOf("nowhere")).toBe("handshake");
});

describe("a step", () => {
  it("is not done at the beginning", () => {
    for (const step of STEPS) expect(isDone(step, START, NOTHING_BEFORE)).toBe(false);
  });

  it("handshake: is done when a joined was drawn", () => {
    const begun = record("opened", "up", "");
    const half = { ...START, feed: feedOf(begun, record("frame", "up", "join #1")) };
    const whole = { ...START, feed: feedOf(begun, record("frame", "down", "joined #1")) };
    expect(isDone("handshake", half, NOTHING_BEFORE)).toBe(false);
    expect(isDone("handshake", whole, NOTHING_BEFORE)).toBe(true);
  });

  it("join: is done when something that was said was answered", () => {
    expect(isDone("join", { ...START, chat: inside() }, NOTHING_BEFORE)).toBe(false);
    expect(isDone("join", { ...START, chat: inside({}, { 3: 1.5 }) }, NOTHING_BEFORE)).toBe(true);
  });

  it.each([
    ["socketio-polling", true],
    ["xhr-polling", true],
    ["socketio", false],
    ["websocket", false],
    ["sse", false],
  ])("polling: on %s, said something: %s", (name, done) => {
    const seen = {
      ...START,
      chat: inside({ wire: name }),
      feed: feedOf(record("request", "up", "Socket.IO event, say #2")),
    };
    expect(isDone("polling", seen, NOTHING_BEFORE)).toBe(done);
    expect(isDone("polling", { ...seen, feed: FEED }, NOTHING_BEFORE)).toBe(false);
  });

  it("cut: is done when the chat has come back on a new connection", () => {
    const cut = { ...START, feed: withCuts(1, 2), chat: inside() };
    const before = remembered(NOTHING_BEFORE, cut);
    expect(before).toEqual({ cuts: 1, opened: 2 });
    expect(isDone("cut", cut, before)).toBe(false);
    const waiting = { ...cut, feed: withCuts(1, 3), chat: inside({ phase: "connecting" }) };
    expect(isDone("cut", waiting, remembered(before, waiting))).toBe(false);
    const back = { ...cut, feed: withCuts(1, 3) };
    expect(isDone("cut", back, remembered(before, back))).toBe(true);
  });

  it("bend: is done when an answer took the way there and back", () => {
    const bent = { ...START, feed: { ...FEED, network: { ...STILL, delay_ms: 150 } } };
    const quick = { ...bent, chat: inside({}, { 3: 2 }) };
    const slow = { ...bent, chat: inside({}, { 3: 2, 4: 304 }) };
    expect(isDone("bend", quick, NOTHING_BEFORE)).toBe(false);
    expect(isDone("bend", slow, NOTHING_BEFORE)).toBe(true);
    expect(isDone("bend", { ...slow, feed: FEED }, NOTHING_BEFORE)).toBe(false);
  });

  it("race: is done when two wires have a result", () => {
    const one = { handshake_ms: [1] };
    const result = (wires: object) => ({ ...START, race: { result: { wires } } }) as Seen;
    expect(isDone("race", result({ a: one }), NOTHING_BEFORE)).toBe(false);
    expect(isDone("race", result({ a: one, b: one }), NOTHING_BEFORE)).toBe(true);
  });
});
