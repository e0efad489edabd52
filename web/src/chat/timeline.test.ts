import { describe, expect, it } from "vitest";
import type { Joined, LoggedEvent } from "../room";
import type { RoomState } from "./state";
import { gapBefore, happened, insert, joined, KEPT, MOST, newRoom, paged, said } from "./timeline";

const message = (seq: number, name = "ada", text = `text ${seq}`): LoggedEvent => ({
  type: "message",
  room: "lab",
  seq,
  name,
  text,
  at: 1_000 + seq,
});
const arrived = (seq: number, name: string): LoggedEvent => ({
  type: "arrived",
  room: "lab",
  seq,
  name,
});
const departed = (seq: number, name: string): LoggedEvent => ({
  type: "departed",
  room: "lab",
  seq,
  name,
  why: "left",
});
const reply = (seq: number, members: string[], truncated = false, epoch?: string): Joined => ({
  type: "joined",
  id: 1,
  room: "lab",
  name: "me",
  members,
  seq,
  truncated,
  ...(epoch === undefined ? {} : { epoch }),
});

const context = { me: "me", now: 0, seen: false };
const hear = (room: RoomState, ...events: LoggedEvent[]): RoomState =>
  events.reduce((before, event) => happened(before, event, context), room);
const inside = (seq = 10, members = ["me"]): RoomState =>
  joined(newRoom("lab"), reply(seq, members), undefined);
const seqs = (room: RoomState): number[] => room.entries.map(({ seq }) => seq);

describe("the order of a room", () => {
  it("puts each event at its place, and once", () => {
    const entries = [3, 1, 2, 2, 5, 1].map((seq) => message(seq)).reduce(insert, [] as const);
    expect(entries.map(({ seq }) => seq)).toEqual([1, 2, 3, 5]);
  });

  it("takes nothing twice, whether live, replayed or from the log", () => {
    const once = hear(inside(), message(11), message(12), message(11), message(12));
    const twice = paged(once, [message(9), arrived(10, "me"), message(11)], 3);
    expect(seqs(twice)).toEqual([9, 10, 11, 12]);
    expect(twice.cursor).toBe(12);
  });

  it("asks after a break from the newest event that came, not from the seq of a reply", () => {
    const pending = { key: "k", text: "mine", pressedAt: null, sentAt: 0, seq: null, failed: null };
    const room = { ...hear(inside(), message(11)), pending: [pending] };
    const reply = said(room, "k", { type: "said", id: 1, room: "lab", seq: 14, at: 0 }, context);
    expect(seqs(reply)).toEqual([11, 14]);
    expect(reply.cursor).toBe(11);
    expect(seqs(hear(reply, message(12), message(13)))).toEqual([11, 12, 13, 14]);
  });

  it("shows a gap where the log had forgotten, but not where an event is on its way", () => {
    const room = joined(hear(inside(), message(11)), reply(40, ["me"], true), 11);
    const after = hear(room, message(30), message(31));
    expect(after.entries.map((_, at) => gapBefore(after, at))).toEqual([false, true, false]);
    const early = { ...after, entries: insert(after.entries, message(35)) };
    expect(gapBefore(early, 3)).toBe(false);
  });

  it("keeps a long stay bounded, and knows that there was more", () => {
    let room: RoomState = { ...inside(1), complete: true };
    for (let seq = 2; seq <= MOST + 2; seq++) room = hear(room, message(seq));
    expect(room.entries.length).toBe(KEPT);
    expect(room.entries.at(-1)!.seq).toBe(MOST + 2);
    expect(room.complete).toBe(false);
  });
});

describe("coming back", () => {
  it("keeps what it had, and goes on where it was", () => {
    const room = joined(hear(inside(), message(11)), reply(15, ["bob", "me"]), 11);
    expect(seqs(room)).toEqual([11]);
    expect(room.cursor).toBe(11);
    expect(room.restarted).toBe(false);
    expect(seqs(hear(room, message(12), arrived(15, "me")))).toEqual([11, 12, 15]);
  });

  it("begins anew with a room that the server has begun anew", () => {
    const pending = {
      key: "k",
      text: "mine",
      pressedAt: null,
      sentAt: null,
      seq: 11,
      failed: null,
    };
    const before = { ...hear(inside(), message(11)), pending: [pending], rtts: { 11: 3 } };
    const room = joined(before, reply(1, ["me"], true), 11);
    expect(room).toMatchObject({ entries: [], cursor: 1, restarted: true, rtts: {} });
    expect(room.former.length).toBeGreaterThan(0);
    expect(room.pending[0]!.seq).toBe(null);
    expect(seqs(hear(room, message(2)))).toEqual([2]);
  });

  it("begins anew with another life of the room, even one that has passed what we saw", () => {
    const first = joined(newRoom("lab"), reply(10, ["me"], false, "x.1"), undefined);
    const before = hear(first, message(11));
    const room = joined(before, reply(20, ["me"], true, "y.1"), 11);
    expect(room).toMatchObject({ entries: [], cursor: 0, epoch: "y.1", restarted: true });
    expect(seqs(hear(room, message(1), message(2), arrived(20, "me")))).toEqual([1, 2, 20]);
  });

  it("goes on in the same life", () => {
    const first = joined(newRoom("lab"), reply(10, ["me"], false, "x.1"), undefined);
    const room = joined(hear(first, message(11)), reply(15, ["me"], false, "x.1"), 11);
    expect(room).toMatchObject({ cursor: 11, epoch: "x.1", restarted: false });
    expect(seqs(room)).toEqual([11]);
  });

  it("believes the reply and not a replay about who is here", () => {
    const room = joined(inside(), reply(20, ["bob", "me"]), 10);
    const replayed = hear(room, arrived(11, "carl"), departed(12, "bob"), departed(13, "carl"));
    expect(replayed.members).toEqual(["bob", "me"]);
    expect(hear(replayed, arrived(21, "dora"), departed(22, "bob")).members).toEqual([
      "me",
      "dora",
    ]);
  });
});

describe("what is said", () => {
  const saying = (text: string, key: string) => ({
    key,
    text,
    pressedAt: 98,
    sentAt: 100,
    seq: null,
    failed: null,
  });

  it("is delivered with its round trip, whichever comes first", () => {
    const room = { ...inside(), pending: [saying("hi", "k")] };
    const reply = { type: "said", id: 1, room: "lab", seq: 11, at: 5 } as const;
    const event = message(11, "me", "hi");
    const first = hear(said(room, "k", reply, { me: "me", now: 112 }), event);
    const last = said(hear(room, event), "k", reply, { me: "me", now: 112 });
    for (const after of [first, last]) {
      expect(seqs(after)).toEqual([11]);
      expect(after.pending).toEqual([]);
      expect(after.rtts).toEqual({ 11: 12 });
      expect(after.handled).toEqual({ 11: { pressedAt: 98, sentAt: 100, answeredAt: 112 } });
    }
  });

  it("is not shown twice while its reply is on its way, even where texts are the same", () => {
    const room = { ...inside(), pending: [saying("hi", "a"), saying("hi", "b")] };
    const one = hear(room, message(11, "me", "hi"));
    expect(one.pending.map(({ seq }) => seq)).toEqual([11, null]);
    const both = hear(one, message(12, "me", "hi"));
    expect(both.pending.map(({ seq }) => seq)).toEqual([11, 12]);
  });

  it("passes over a reply that nobody waits for", () => {
    const room = inside();
    const reply = { type: "said", id: 1, room: "lab", seq: 11, at: 5 } as const;
    expect(said(room, "gone", reply, { me: "me", now: 0 })).toBe(room);
  });
});

describe("unread and typing", () => {
  it("counts what others said while nobody looked", () => {
    const room = hear(inside(), message(11), message(12, "me"), arrived(13, "bob"));
    expect(room.unread).toBe(1);
    expect(happened(room, message(14), { ...context, seen: true }).unread).toBe(1);
  });

  it("ends typing by the message", () => {
    const typing = happened(inside(), { type: "typing", room: "lab", name: "ada" }, context);
    expect([...typing.typing.keys()]).toEqual(["ada"]);
    expect(hear(typing, message(11)).typing.size).toBe(0);
  });

  it("is not confused by names that objects have", () => {
    const typing = happened(
      inside(),
      { type: "typing", room: "lab", name: "constructor" },
      context,
    );
    expect(hear(typing, departed(11, "__proto__")).typing.size).toBe(1);
    expect(hear(typing, departed(11, "constructor")).typing.size).toBe(0);
  });
});

describe("the log", () => {
  it("is complete where a page is not full, or begins with the first event", () => {
    expect(paged(inside(), [message(8), message(9)], 3).complete).toBe(true);
    expect(paged(inside(), [message(1), message(2)], 2).complete).toBe(true);
    expect(paged(inside(), [message(8), message(9)], 2).complete).toBe(false);
    expect(paged(inside(), [], 2).complete).toBe(true);
  });

  it("stays complete while more is said, here and elsewhere", () => {
    const pending = { key: "k", text: "mine", pressedAt: null, sentAt: 0, seq: null, failed: null };
    const whole = { ...paged(inside(), [arrived(10, "me")], 50), pending: [pending] };
    const reply = { type: "said", id: 1, room: "lab", seq: 11, at: 0 } as const;
    const after = hear(said(whole, "k", reply, context), message(11, "me", "mine"), message(12));
    expect(after.complete).toBe(true);
  });
});
