// How the chat's memory changes: one action in, the next state out. Pure.

import type { Code, Joined, LoggedEvent, RoomEvent, Said } from "../room";
import {
  type ChatState,
  drop,
  NOBODY,
  type Pending,
  type Phase,
  type Problem,
  put,
  type RoomState,
} from "./state";
import { happened, joined, newRoom, paged, said } from "./timeline";

export type Action =
  | { type: "entered"; name: string; transport: string }
  | { type: "quit"; problem: Problem | null }
  | { type: "switched"; transport: string }
  | { type: "line"; line: string | null }
  | { type: "carrier"; carrier: string | null }
  | { type: "phase"; phase: Phase; problem?: Problem | null; retryAt?: number | null }
  | { type: "problem"; problem: Problem | null }
  | { type: "wanted"; room: string }
  | { type: "joined"; reply: Joined; after: number | undefined }
  | { type: "left"; room: string }
  | { type: "event"; event: RoomEvent; now: number; looking: boolean }
  | { type: "page"; room: string; events: readonly LoggedEvent[]; asked: number }
  | { type: "say"; room: string; key: string; text: string; now?: number }
  | { type: "sent"; room: string; key: string; now: number }
  | { type: "said"; room: string; key: string; reply: Said; now: number }
  | { type: "failed"; room: string; key: string; code: Code | null }
  | { type: "discarded"; room: string; key: string }
  | { type: "shown"; room: string }
  | { type: "quiet"; now: number }
  | { type: "presence"; room: string; members: readonly { name: string; transport: string }[] };

export function reduce(state: ChatState, action: Action): ChatState {
  switch (action.type) {
    case "entered":
      return {
        ...NOBODY,
        presence: state.presence,
        name: action.name,
        transport: action.transport,
      };
    case "quit":
      return { ...NOBODY, presence: state.presence, name: state.name, problem: action.problem };
    case "switched":
      return { ...outside(state), transport: action.transport, carrier: null };
    case "line":
      return { ...state, line: action.line };
    case "carrier":
      return { ...state, carrier: action.carrier };
    case "phase":
      return phase(state, action);
    case "problem":
      return { ...state, problem: action.problem };
    case "wanted":
      return wanted(state, action.room);
    case "joined":
      return inRoom(state, action.reply.room, (room) => joined(room, action.reply, action.after));
    case "left":
      return left(state, action.room);
    case "shown":
      return shown(state, action.room);
    case "quiet":
      return everyRoom(state, (room) => quieter(room, action.now));
    case "presence":
      return presence(state, action.room, action.members);
    default:
      return inRoom(state, roomOf(action), (room) => change(room, action, state));
  }
}

type RoomAction = Extract<
  Action,
  { type: "event" | "page" | "say" | "sent" | "said" | "failed" | "discarded" }
>;

const roomOf = (action: RoomAction): string =>
  action.type === "event" ? action.event.room : action.room;

function change(room: RoomState, action: RoomAction, state: ChatState): RoomState {
  const me = state.name;
  switch (action.type) {
    case "event": {
      const seen = action.looking && state.current === room.room;
      return happened(room, action.event, { me, now: action.now, seen });
    }
    case "page":
      return paged(room, action.events, action.asked);
    case "say": {
      const { key, text } = action;
      const pressedAt = room.inside ? (action.now ?? null) : null;
      const one: Pending = { key, text, pressedAt, sentAt: null, seq: null, failed: null };
      return { ...room, pending: [...room.pending, one] };
    }
    case "sent":
      return pending(room, action.key, { sentAt: action.now, failed: null });
    case "said":
      return said(room, action.key, action.reply, { me, now: action.now });
    case "failed":
      return pending(room, action.key, { failed: action.code });
    case "discarded":
      return { ...room, pending: room.pending.filter((one) => one.key !== action.key) };
  }
}

function phase(state: ChatState, action: Extract<Action, { type: "phase" }>): ChatState {
  const opened = action.phase === "open";
  return {
    ...(action.phase === "waiting" ? outside(state) : state),
    phase: action.phase,
    problem: action.problem === undefined ? state.problem : action.problem,
    retryAt: action.retryAt ?? null,
    connections: state.connections + (opened ? 1 : 0),
  };
}

/** The connection is gone: we stand in no room, and nothing is on its way. */
function outside(state: ChatState): ChatState {
  return everyRoom({ ...state, carrier: null }, (room) => ({
    ...room,
    inside: false,
    typing: new Map(),
    pending: room.pending.map((one) => ({ ...one, pressedAt: null, sentAt: null })),
  }));
}

function wanted(state: ChatState, name: string): ChatState {
  const rooms = state.rooms.has(name) ? state.rooms : put(state.rooms, name, newRoom(name));
  return shown({ ...state, rooms }, name);
}

function shown(state: ChatState, name: string): ChatState {
  return inRoom({ ...state, current: name }, name, (room) =>
    room.unread ? { ...room, unread: 0 } : room,
  );
}

function left(state: ChatState, name: string): ChatState {
  const rooms = drop(state.rooms, name);
  const current = state.current === name ? ([...rooms.keys()].at(-1) ?? null) : state.current;
  return { ...state, rooms, current };
}

function presence(
  state: ChatState,
  room: string,
  members: readonly { name: string; transport: string }[],
): ChatState {
  const transports = new Map(members.map(({ name, transport }) => [name, transport]));
  return { ...state, presence: put(state.presence, room, transports) };
}

function quieter(room: RoomState, now: number): RoomState {
  const still = new Map([...room.typing].filter(([, until]) => until > now));
  return still.size === room.typing.size ? room : { ...room, typing: still };
}

function pending(room: RoomState, key: string, what: Partial<Pending>): RoomState {
  const changed = room.pending.map((one) => (one.key === key ? { ...one, ...what } : one));
  return { ...room, pending: changed };
}

function inRoom(state: ChatState, name: string, update: (room: RoomState) => RoomState): ChatState {
  const room = state.rooms.get(name);
  if (!room) return state;
  const next = update(room);
  return next === room ? state : { ...state, rooms: put(state.rooms, name, next) };
}

function everyRoom(state: ChatState, update: (room: RoomState) => RoomState): ChatState {
  const entries = [...state.rooms].map(([name, room]) => [name, update(room)] as const);
  const same = entries.every(([name, room]) => state.rooms.get(name) === room);
  return same ? state : { ...state, rooms: new Map(entries) };
}
