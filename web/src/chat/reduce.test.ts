import { describe, expect, it } from "vitest";
import { type Action, reduce } from "./reduce";
import { type ChatState, NOBODY } from "./state";

const play = (...actions: Action[]): ChatState => actions.reduce(reduce, NOBODY);
const join = (room: string, seq = 1): Action => ({
  type: "joined",
  after: undefined,
  reply: { type: "joined", id: 1, room, name: "me", members: ["me"], seq, truncated: false },
});
const message = (room: string, seq: number, looking: boolean): Action => ({
  type: "event",
  now: 0,
  looking,
  event: { type: "message", room, seq, name: "ada", text: "hi", at: 0 },
});
const entered: Action[] = [
  { type: "entered", name: "me", transport: "websocket" },
  { type: "wanted", room: "lab" },
  { type: "phase", phase: "open", problem: null },
  join("lab"),
];

describe("rooms", () => {
  it("are in the order in which they were joined, whatever they are called", () => {
    const names = ["lab", "10", "2", "constructor", "__proto__"];
    const state = play(...entered, ...names.map((room): Action => ({ type: "wanted", room })));
    expect([...state.rooms.keys()]).toEqual(names);
    expect(state.current).toBe("__proto__");
  });

  it("count as read what comes while one looks at them", () => {
    const state = play(
      ...entered,
      { type: "wanted", room: "pub" },
      join("pub"),
      message("lab", 2, true),
      message("pub", 2, true),
      message("pub", 3, false),
    );
    expect(state.rooms.get("lab")!.unread).toBe(1);
    expect(state.rooms.get("pub")!.unread).toBe(1);
    expect(reduce(state, { type: "shown", room: "lab" }).rooms.get("lab")!.unread).toBe(0);
  });

  it("show another when the one that is shown is left", () => {
    const state = play(...entered, { type: "wanted", room: "pub" }, { type: "left", room: "pub" });
    expect(state.current).toBe("lab");
    expect(reduce(state, { type: "left", room: "lab" }).current).toBe(null);
  });

  it("hear nothing where one is not", () => {
    const state = play(...entered);
    expect(reduce(state, message("elsewhere", 1, true))).toBe(state);
  });
});

describe("a break", () => {
  const says: Action[] = [
    { type: "say", room: "lab", key: "k", text: "hi" },
    { type: "sent", room: "lab", key: "k", now: 10 },
  ];

  it("leaves what is not confirmed to be said again under its key", () => {
    const state = play(...entered, ...says, { type: "phase", phase: "waiting", retryAt: 50 });
    expect(state.rooms.get("lab")).toMatchObject({
      inside: false,
      pending: [{ key: "k", text: "hi", sentAt: null, failed: null }],
    });
    expect(state.retryAt).toBe(50);
  });

  it("counts each connection that was opened", () => {
    const state = play(
      ...entered,
      { type: "phase", phase: "waiting", retryAt: null },
      { type: "phase", phase: "connecting" },
      { type: "phase", phase: "open", problem: null },
    );
    expect(state.connections).toBe(2);
  });

  it("keeps a text that was refused, until it is tried again or discarded", () => {
    const failed = play(...entered, ...says, {
      type: "failed",
      room: "lab",
      key: "k",
      code: "too_fast",
    });
    expect(failed.rooms.get("lab")!.pending[0]!.failed).toBe("too_fast");
    const sent = reduce(failed, { type: "sent", room: "lab", key: "k", now: 20 });
    expect(sent.rooms.get("lab")!.pending[0]).toMatchObject({ failed: null, sentAt: 20 });
    const gone = reduce(failed, { type: "discarded", room: "lab", key: "k" });
    expect(gone.rooms.get("lab")!.pending).toEqual([]);
  });

  it("takes the rooms along to another transport", () => {
    const state = play(...entered, ...says, { type: "switched", transport: "sse" });
    expect(state.transport).toBe("sse");
    expect(state.rooms.get("lab")).toMatchObject({ inside: false, cursor: 1 });
  });
});

describe("presence and typing", () => {
  it("knows the transport of each member", () => {
    const state = play(...entered, {
      type: "presence",
      room: "lab",
      members: [{ name: "ada", transport: "sse" }],
    });
    expect(state.presence.get("lab")!.get("ada")).toBe("sse");
    expect(reduce(state, { type: "quit", problem: null }).presence.size).toBe(1);
  });

  it("forgets who typed long ago, and changes nothing otherwise", () => {
    const typing: Action = {
      type: "event",
      now: 0,
      looking: true,
      event: { type: "typing", room: "lab", name: "ada" },
    };
    const state = play(...entered, typing);
    expect(reduce(state, { type: "quiet", now: 1 })).toBe(state);
    expect(reduce(state, { type: "quiet", now: 60_000 }).rooms.get("lab")!.typing.size).toBe(0);
  });
});
