// One room's timeline: each event once, in the room's order, whichever way it came. Pure.

import type { Joined, LoggedEvent, RoomEvent, Said } from "../room";
import { drop, type Pending, put, type RoomState } from "./state";

/** How long somebody is shown as typing, in ms. */
export const TYPING_MS = 4_000;
/** More than MOST events are cut down to the newest KEPT; the rest can be paged back. */
export const MOST = 3_000;
export const KEPT = 2_000;

export const newRoom = (room: string): RoomState => ({
  room,
  inside: false,
  entries: [],
  former: [],
  cursor: 0,
  epoch: null,
  since: 0,
  members: [],
  typing: new Map(),
  unread: 0,
  pending: [],
  rtts: {},
  handled: {},
  complete: false,
  restarted: false,
});

/** Put an event at its place; one that is there already changes nothing. */
export function insert(
  entries: readonly LoggedEvent[],
  event: LoggedEvent,
): readonly LoggedEvent[] {
  let at = entries.length;
  while (at > 0 && entries[at - 1]!.seq > event.seq) at--;
  if (entries[at - 1]?.seq === event.seq) return entries;
  return entries.toSpliced(at, 0, event);
}

/** We stand in the room; `after` is what we had asked to resume from. */
export function joined(room: RoomState, reply: Joined, after: number | undefined): RoomState {
  const epoch = reply.epoch ?? null;
  const inside = {
    ...room,
    inside: true,
    epoch,
    members: reply.members,
    since: reply.seq,
    typing: new Map(),
  };
  if (after === undefined) return { ...inside, cursor: reply.seq };
  const anotherLife = room.epoch !== null && epoch !== room.epoch;
  // Without epochs: nobody can have seen as much as we have.
  if (anotherLife || (reply.truncated && after >= reply.seq)) {
    return {
      ...inside,
      entries: [],
      former: [...room.former, ...room.entries].slice(-KEPT),
      rtts: {},
      handled: {},
      // Of another life the whole log is replayed, up to our own arrival.
      cursor: anotherLife ? 0 : reply.seq,
      complete: false,
      restarted: true,
      pending: room.pending.map((one) => ({ ...one, seq: null })),
    };
  }
  return inside;
}

/** Something happened in the room. `me` is our own name, `seen` whether somebody is looking. */
export function happened(
  room: RoomState,
  event: RoomEvent,
  { me, now, seen }: { me: string; now: number; seen: boolean },
): RoomState {
  if (event.type === "typing") {
    return { ...room, typing: put(room.typing, event.name, now + TYPING_MS) };
  }
  if (event.seq <= room.cursor) return room;
  const entries = bounded(insert(room.entries, event));
  const next = {
    ...room,
    entries,
    cursor: event.seq,
    complete: room.complete && (!room.entries[0] || entries[0] === room.entries[0]),
  };
  if (event.type === "message") {
    next.typing = drop(room.typing, event.name);
    if (event.name === me) next.pending = matched(room.pending, event.text, event.seq);
    else if (!seen) next.unread = room.unread + 1;
  } else if (event.seq > room.since) {
    next.members = room.members.filter((name) => name !== event.name);
    if (event.type === "arrived") next.members = [...next.members, event.name];
    else next.typing = drop(room.typing, event.name);
  }
  return next;
}

/** A page of the log came: `asked` is how many events it could have brought. */
export function paged(room: RoomState, events: readonly LoggedEvent[], asked: number): RoomState {
  return {
    ...room,
    entries: events.reduce(insert, room.entries),
    complete: events.length < asked || events[0]?.seq === 1,
  };
}

/** The server has said where the text under `key` stands. */
export function said(
  room: RoomState,
  key: string,
  reply: Said,
  { me, now }: { me: string; now: number },
): RoomState {
  const one = room.pending.find((pending) => pending.key === key);
  if (!one) return room;
  const { seq, at } = reply;
  const message = { type: "message", room: room.room, seq, name: me, text: one.text, at } as const;
  return {
    ...room,
    entries: insert(room.entries, message),
    pending: room.pending.filter((pending) => pending !== one),
    rtts: one.sentAt === null ? room.rtts : { ...room.rtts, [seq]: now - one.sentAt },
    handled: handled(room, one, seq, now),
  };
}

function handled(room: RoomState, one: Pending, seq: number, answeredAt: number) {
  const { pressedAt, sentAt } = one;
  if (pressedAt === null || sentAt === null) return room.handled;
  return { ...room.handled, [seq]: { pressedAt, sentAt, answeredAt } };
}

/** Where the log had forgotten events: a gap ends before this entry. */
export function gapBefore(room: RoomState, at: number): boolean {
  const [former, entry] = [room.entries[at - 1], room.entries[at]];
  // Past the cursor a missing event is on its way.
  return !!former && !!entry && entry.seq > former.seq + 1 && entry.seq <= room.cursor;
}

/** The first of our texts that says this is in the timeline now; its reply is still to come. */
function matched(pending: readonly Pending[], text: string, seq: number): readonly Pending[] {
  const at = pending.findIndex((one) => one.seq === null && !one.failed && one.text === text);
  return at < 0 ? pending : pending.with(at, { ...pending[at]!, seq });
}

function bounded(entries: readonly LoggedEvent[]): readonly LoggedEvent[] {
  return entries.length > MOST ? entries.slice(-KEPT) : entries;
}
