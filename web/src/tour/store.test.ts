import { beforeEach, describe, expect, it, vi } from "vitest";
import { tabs } from "../app/storage";
import { NOBODY, type RoomState } from "../chat/state";
import { STILL } from "../inspector/network";
import { EMPTY } from "../inspector/timeline";
import { CUT_MS, type Seen } from "./steps";
import { isDone, TourStore } from "./store";

const ROOM = { room: "lab", inside: true, entries: [], pending: [], rtts: {}, cursor: 1 };
const roomWith = (more: object) => new Map([["lab", { ...ROOM, ...more } as unknown as RoomState]]);

let seen: Seen;
let asked: string[];
const feed = {
  stall: async (on: boolean) => void asked.push(`stall ${on}`),
  cut: async (how: string) => void asked.push(`cut ${how}`),
};
const tour = () => new TourStore(() => seen, feed);
const answered = (ms: number) => {
  seen = { ...seen, chat: { ...seen.chat, rooms: roomWith({ rtts: { 5: ms } }) } };
};
const opened = (count: number) => {
  const counters = { connections: { opened: count, live: 1 } } as never;
  seen = { ...seen, feed: { ...seen.feed, timeline: { ...EMPTY, counters } } };
};

beforeEach(() => {
  tabs.put("lab.tour", null);
  asked = [];
  seen = {
    chat: { ...NOBODY, phase: "open", line: "k1", name: "ada", rooms: roomWith({}) },
    feed: {
      line: "k1",
      timeline: EMPTY,
      network: { ...STILL, delay_ms: 150 },
      stalled: false,
      problem: null,
    },
    race: { result: null, ranking: null },
  };
});

describe("a step of the tour", () => {
  it("is done by what is seen after the guess, and by nothing before it", () => {
    const store = tour();
    answered(310);
    store.look();
    expect(isDone(store.snapshot(), "emulate")).toBe(false);
    store.guess("emulate", 400);
    store.look();
    expect(isDone(store.snapshot(), "emulate")).toBe(false);
    seen = { ...seen, chat: { ...seen.chat, rooms: roomWith({ rtts: { 5: 310, 6: 305 } }) } };
    store.look();
    expect(store.snapshot().measured.emulate?.value).toBe(305);
    store.again("emulate");
    expect(store.snapshot()).toMatchObject({ guesses: {}, measured: {} });
  });

  it("is remembered over a reload; one that was only guessed has still to be done", () => {
    const store = tour();
    store.guess("emulate", 400);
    store.guess("join", 5);
    answered(310);
    store.look();
    const again = tour();
    again.look();
    expect(again.snapshot()).toMatchObject({ guesses: { emulate: 400, join: 5 } });
    expect(isDone(again.snapshot(), "emulate")).toBe(true);
    expect(isDone(again.snapshot(), "join")).toBe(false);
    again.forget();
    expect(tour().snapshot()).toMatchObject({ guesses: {}, measured: {} });
  });

  it.each(["", "{", "null", "7", "join polling", '{"guesses":{"join":"5"},"measured":{"cut":{}}}'])(
    "is forgotten where another version has written %s",
    (text) => {
      tabs.put("lab.tour", text);
      expect(tour().snapshot()).toMatchObject({ guesses: {}, measured: {} });
    },
  );
});

describe("the cut", () => {
  it("is not seen by somebody who leaves the chat, and enters again", async () => {
    vi.useFakeTimers();
    const store = tour();
    store.guess("cut", 0);
    opened(1);
    await store.cut();
    const there = { ...seen.chat, rooms: roomWith({ pending: [{ key: "a", text: "hello?" }] }) };
    for (const chat of [there, { ...NOBODY, name: "ada" }, { ...there, rooms: roomWith({}) }]) {
      seen = { ...seen, chat };
      store.look();
    }
    opened(2);
    await vi.advanceTimersByTimeAsync(CUT_MS);
    expect(isDone(store.snapshot(), "cut")).toBe(false);
    vi.useRealTimers();
  });

  it("lets nothing pass for its time, and says where nothing was written", async () => {
    vi.useFakeTimers();
    const store = tour();
    store.guess("cut", 1);
    opened(1);
    await store.cut();
    await store.cut();
    expect(asked).toEqual(["stall true", "cut rst"]);
    expect(store.snapshot().awayUntil).not.toBeNull();
    await vi.advanceTimersByTimeAsync(CUT_MS);
    expect(asked).toEqual(["stall true", "cut rst", "stall false"]);
    opened(2);
    store.look();
    expect(store.snapshot()).toMatchObject({ awayUntil: null, silent: true });
    expect(isDone(store.snapshot(), "cut")).toBe(false);
    vi.useRealTimers();
  });

  it("is seen when what was written meanwhile has arrived", async () => {
    vi.useFakeTimers();
    const store = tour();
    store.guess("cut", 0);
    opened(1);
    await store.cut();
    const text = "hello?";
    const rooms = roomWith({ inside: false, pending: [{ key: "a", text }] });
    seen = { ...seen, chat: { ...seen.chat, phase: "waiting", rooms } };
    store.look();
    await vi.advanceTimersByTimeAsync(CUT_MS);
    opened(2);
    const entries = [{ type: "message", seq: 3, name: "ada", text }];
    seen = { ...seen, chat: { ...seen.chat, phase: "open", rooms: roomWith({ entries }) } };
    store.look();
    expect(store.snapshot().measured.cut).toEqual({
      value: 1,
      facts: { written: 1, arrived: 1 },
    });
    expect(store.snapshot().silent).toBe(false);
    vi.useRealTimers();
  });
});
