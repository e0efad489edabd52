import { describe, expect, it } from "vitest";
import { type ChatState, NOBODY, type Pending, type RoomState } from "../chat/state";
import type { Account, Counters, TransportRecord } from "../control";
import type { FeedState } from "../inspector/feed";
import { STILL } from "../inspector/network";
import { EMPTY, received } from "../inspector/timeline";
import { planned } from "../race/options";
import { advanced, type Happening, lined, resultOf } from "../race/ranking";
import {
  begun,
  DELAY_MS,
  GUESSES,
  type Mark,
  type Measured,
  marked,
  measured,
  noted,
  type Outage,
  type Seen,
  STEPS,
  type Step,
  stepOf,
} from "./steps";

const NO_BYTES = { http: 0, framing: 0, payload: 0, undecodable: 0 };

const spentOn = (count: number, http: number, payload: number): Account["spent"]["message"] => {
  const up = { ...NO_BYTES, http, framing: 6 * count, payload };
  return { count, cost: { up, down: { ...NO_BYTES, payload } } } as Account["spent"]["message"];
};
const accountOf = (more: object = {}): Account =>
  ({ joined: null, said: null, spent: { message: spentOn(0, 0, 0) }, ...more }) as Account;
const countersOf = (opened: number) => ({ connections: { opened, live: 1 } }) as Counters;
const record = (n: number, kind: TransportRecord["kind"]) =>
  ({
    n,
    kind,
    direction: "down",
    meaning: [],
    says: [],
    connection: 1,
  }) as never as TransportRecord;

const FEED: FeedState = {
  line: "k1",
  timeline: { ...EMPTY, account: accountOf(), counters: countersOf(1) },
  network: STILL,
  stalled: false,
  problem: null,
};
const feedOn = (line: string, account: object, ...records: TransportRecord[]): FeedState => ({
  ...FEED,
  line,
  timeline: { ...received(FEED.timeline, records, 0), account: accountOf(account) },
});

const room = (more: Partial<RoomState> = {}) =>
  ({
    room: "lab",
    inside: true,
    cursor: 9,
    entries: [],
    pending: [],
    rtts: {},
    ...more,
  }) as unknown as RoomState;
const chatOn = (
  line: string | null,
  more: Partial<ChatState> = {},
  inRoom = room(),
): ChatState => ({
  ...NOBODY,
  phase: "open",
  name: "ada",
  transport: "websocket",
  line,
  rooms: new Map([["lab", inRoom]]),
  ...more,
});

const START: Seen = { chat: chatOn("k1"), feed: FEED, race: { result: null, ranking: null } };
const found = (step: Step, seen: Partial<Seen>, mark: Mark = marked(START), outage?: Outage) =>
  measured(step, { ...START, ...seen }, mark, outage ?? null);

it("finds the step of a link", () => {
  expect(stepOf("cut")).toBe("cut");
  expect(stepOf("")).toBe("handshake");
  expect(stepOf("nowhere")).toBe("handshake");
});

it("offers guesses in rising order for every step", () => {
  for (const step of STEPS) {
    expect(GUESSES[step].length).toBeGreaterThan(2);
    expect(GUESSES[step]).toEqual([...GUESSES[step]].sort((a, b) => a - b));
  }
});

it("has measured nothing of any step when somebody guesses", () => {
  for (const step of STEPS) expect(found(step, {})).toBeNull();
});

describe("handshake", () => {
  const turns = ["TCP", "101", "join"].map((purpose) => ({ purpose, up: 1, down: 1 }));
  const anew = { chat: chatOn("k2"), feed: feedOn("k2", { joined: { turns } }) };

  it("is the ledger's round trips on a link that was opened since", () => {
    expect(found("handshake", anew)).toEqual({
      value: 3,
      facts: { transport: "websocket", turns: "TCP\n101\njoin", far: 300 },
    });
  });

  it.each<[string, Partial<Seen>]>([
    ["on the link of before", { feed: feedOn("k1", { joined: { turns } }) }],
    ["while the room is not joined", { ...anew, chat: chatOn("k2", {}, room({ inside: false })) }],
    ["of another link than the chat's", { ...anew, chat: chatOn("k1") }],
    ["before the ledger has it", { ...anew, feed: feedOn("k2", {}) }],
    ["while it connects", { ...anew, chat: chatOn("k2", { phase: "connecting" }) }],
  ])("is not there %s", (_, seen) => {
    expect(found("handshake", seen)).toBeNull();
  });
});

describe("join and polling", () => {
  const spent = { message: spentOn(3, 900, 300) };
  const mark = marked({ ...START, feed: feedOn("k1", { spent: { message: spentOn(1, 0, 100) } }) });
  const said = { up: 6, down: 7 };

  it("are the bytes of one message with its reply, of those since", () => {
    expect(found("join", { feed: feedOn("k1", { spent }) }, mark)).toEqual({
      value: 656,
      facts: { transport: "websocket", payload: 200, framing: 6, http: 450 },
    });
    const another = { chat: chatOn("k2"), feed: feedOn("k2", { spent }) };
    expect(found("join", another, mark)?.value).toBe(506);
  });

  it("are not there without a message since", () => {
    expect(
      found("join", { feed: feedOn("k1", { spent: { message: spentOn(1, 0, 100) } }) }, mark),
    ).toBeNull();
    // The chat goes to another link: what the old one carried is not the new one's.
    const leaving = chatOn("k1", { phase: "connecting", transport: "socketio-polling" });
    expect(found("join", { chat: leaving, feed: feedOn("k1", { spent }) }, mark)).toBeNull();
  });

  it.each<[TransportRecord["kind"], boolean]>([
    ["response", true],
    ["frame", false],
    ["part", false],
  ])("polling: a reply that came in a %s: %s", (kind, polled) => {
    const feed = feedOn("k2", { spent, said }, record(7, kind));
    expect(found("polling", { chat: chatOn("k2"), feed }, mark) !== null).toBe(polled);
  });

  it("polling is not there before anything was said, or where its reply was not seen", () => {
    const quiet = feedOn("k2", {}, record(7, "response"));
    expect(found("polling", { chat: chatOn("k2"), feed: quiet }, mark)).toBeNull();
    const unseen = feedOn("k2", { spent, said });
    expect(found("polling", { chat: chatOn("k2"), feed: unseen }, mark)).toBeNull();
  });
});

describe("cut", () => {
  const pending = (key: string, text: string) => ({ key, text }) as Pending;
  const entry = (seq: number, text: string, name = "ada") =>
    ({ type: "message", seq, name, text }) as RoomState["entries"][number];
  const away = chatOn("k1", { phase: "connecting" }, room({ pending: [pending("a", "hello?")] }));
  const over = { ...noted(begun(START), away), over: true };
  const back: FeedState = { ...FEED, timeline: { ...FEED.timeline, counters: countersOf(2) } };
  const cutOf = (entries: RoomState["entries"], outage: Outage, feed = back): Measured | null =>
    found("cut", { chat: chatOn("k1", {}, room({ entries })), feed }, marked(START), outage);

  it("is how many times what was written meanwhile is in the room", () => {
    const facts = { written: 1, arrived: 1 };
    const noise = [entry(8, "hello?"), entry(10, "hello?", "bob")];
    expect(cutOf([...noise, entry(11, "hello?")], over)).toEqual({ value: 1, facts });
    expect(cutOf(noise, over)?.value).toBe(0);
    expect(cutOf([entry(11, "hello?"), entry(12, "hello?")], over)?.value).toBe(2);
  });

  it("is not there before the link is back, and the message answered", () => {
    const arrived = [entry(11, "hello?")];
    expect(cutOf(arrived, { ...over, over: false })).toBeNull();
    expect(cutOf(arrived, over, FEED)).toBeNull();
    const waiting = chatOn("k1", {}, room({ pending: [pending("a", "hello?")] }));
    expect(found("cut", { chat: waiting, feed: back }, marked(START), over)).toBeNull();
    expect(found("cut", { chat: away, feed: back }, marked(START), over)).toBeNull();
  });

  it("is not there where nothing was written, or nothing was cut", () => {
    expect(cutOf([entry(11, "hello?")], { ...begun(START), over: true })).toBeNull();
    expect(found("cut", { feed: back })).toBeNull();
  });

  it("notes each text once", () => {
    const outage = noted(begun(START), away);
    expect(outage.written).toEqual([{ room: "lab", key: "a", text: "hello?" }]);
    expect(noted(outage, away)).toBe(outage);
  });
});

describe("emulate", () => {
  const far = { ...FEED, network: { ...STILL, delay_ms: DELAY_MS } };
  const answered = (rtts: Record<number, number>) => ({ chat: chatOn("k1", {}, room({ rtts })) });

  it("is the time of an answer since that took the way there and back", () => {
    expect(found("emulate", { ...answered({ 3: 2, 4: 204.5 }), feed: far })).toEqual({
      value: 204.5,
      facts: { transport: "websocket", delay: DELAY_MS },
    });
  });

  it("is not there for an answer from near, or from before", () => {
    expect(found("emulate", { ...answered({ 4: 2 }), feed: far })).toBeNull();
    expect(found("emulate", answered({ 4: 204.5 }))).toBeNull();
    const before = marked({ ...START, ...answered({ 4: 204.5 }) });
    expect(found("emulate", { ...answered({ 4: 204.5 }), feed: far }, before)).toBeNull();
  });
});

describe("race", () => {
  const plan = planned({ transports: ["a", "b"], rounds: 1 }, 1);
  const shaken = (transport: string, ms: number): Happening => ({
    type: "handshake",
    transport,
    ms,
  });
  const raced = (...happenings: Happening[]): Seen["race"] => {
    const ranking = happenings.reduce(advanced, lined(plan));
    return { ranking, result: resultOf(ranking, "x") };
  };
  const both = raced(shaken("a", 10), shaken("b", 25));

  it("is how many times as long the slowest handshake takes, in a race since", () => {
    expect(found("race", { race: both })).toEqual({
      value: 2.5,
      facts: { quickest: "a", least: 10, slowest: "b", most: 25 },
    });
  });

  it("is not there for one transport, for a race of before, or for one that runs", () => {
    expect(found("race", { race: raced(shaken("a", 10)) })).toBeNull();
    expect(found("race", { race: both }, marked({ ...START, race: both }))).toBeNull();
    expect(found("race", { race: { ...both, result: null } })).toBeNull();
  });
});
