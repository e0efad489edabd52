// The chat's memory: what the page knows of its rooms. Plain data; `reduce` is the only writer.

import type { Code, LoggedEvent } from "../room";

/**
 * `idle`: nobody has entered. `connecting`: a line is opened, or the transport's handshake runs.
 * `open`: commands cross. `waiting`: it broke, and is tried again at `retryAt`.
 */
export type Phase = "idle" | "connecting" | "open" | "waiting";

/** What went wrong, in the terms of who said it; `words.ts` says it in plain words. */
export type Problem =
  /** `again`: it is being tried again, since a former connection of ours may hold the name. */
  | { kind: "refused"; code: Code; reason: string; room: string; again: boolean }
  | { kind: "server"; reason: string }
  | { kind: "transport"; reason: string };

/** One text on its way; it leaves when the server has said where it stands. */
export interface Pending {
  /** The idempotency key: said again under it, nothing is posted twice. */
  key: string;
  text: string;
  /** performance.now() of the Enter; null where it waited for a connection. */
  pressedAt: number | null;
  /** performance.now() of the latest sending; null while there is no connection. */
  sentAt: number | null;
  /** Its message has come before its reply: the timeline has it, at this seq. */
  seq: number | null;
  /** Refused: it is not sent again by itself. */
  failed: Code | null;
}

/** By performance.now(): Enter was pressed, it was sent, the answer had come. */
export interface Handled {
  pressedAt: number;
  sentAt: number;
  answeredAt: number;
}

export interface RoomState {
  room: string;
  /** Whether we stand in it on the connection of now. */
  inside: boolean;
  /** Rising `seq`; where one is missing, the log had forgotten it. */
  entries: readonly LoggedEvent[];
  /** What this page still has of the room's former lives, which the server has forgotten. */
  former: readonly LoggedEvent[];
  /** The newest event that came live or replayed: the `after` of the next join. 0: never joined. */
  cursor: number;
  /** The life of the room that `cursor` belongs to; null: never joined, or the server does not say. */
  epoch: string | null;
  /** The `seq` of our latest arrival; older events say nothing about who is here now. */
  since: number;
  /** In the order of their arrival. */
  members: readonly string[];
  /** Who types -> until when (performance.now()) that is shown. */
  typing: ReadonlyMap<string, number>;
  unread: number;
  pending: readonly Pending[];
  /** `seq` of own messages -> how long the server's answer took, in ms. */
  rtts: Readonly<Record<number, number>>;
  /** `seq` of own messages -> when the page had what: what it needs itself is not the network's. */
  handled: Readonly<Record<number, Handled>>;
  /** Whether the log holds nothing older than `entries[0]`. */
  complete: boolean;
  /** Whether the server has forgotten this room's former life since we first joined. */
  restarted: boolean;
}

export interface ChatState {
  phase: Phase;
  name: string;
  /** The transport that was chosen. */
  transport: string | null;
  /** The line that carries it, as the control protocol names it. */
  line: string | null;
  /** By what a Socket.IO client is carried now: "polling", then "websocket". */
  carrier: string | null;
  /** How many connections this chat has opened, the first included. */
  connections: number;
  problem: Problem | null;
  /** performance.now() of the next try. */
  retryAt: number | null;
  /** The room that is shown. */
  current: string | null;
  /** In the order in which they were joined. */
  rooms: ReadonlyMap<string, RoomState>;
  /** Room -> member -> transport, as the control protocol tells it. */
  presence: ReadonlyMap<string, ReadonlyMap<string, string>>;
}

export const NOBODY: ChatState = {
  phase: "idle",
  name: "",
  transport: null,
  line: null,
  carrier: null,
  connections: 0,
  problem: null,
  retryAt: null,
  current: null,
  rooms: new Map(),
  presence: new Map(),
};

/** The map with this key so; a key that is new comes last. */
export function put<V>(map: ReadonlyMap<string, V>, key: string, value: V): ReadonlyMap<string, V> {
  return new Map(map).set(key, value);
}

/** The map without this key. */
export function drop<V>(map: ReadonlyMap<string, V>, key: string): ReadonlyMap<string, V> {
  if (!map.has(key)) return map;
  const rest = new Map(map);
  rest.delete(key);
  return rest;
}
