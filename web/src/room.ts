// What a room means, as types: the commands and events of docs/room.md, word for word.

export type Code =
  | "bad_command"
  | "unknown_command"
  | "bad_name"
  | "name_taken"
  | "not_in_room"
  | "already_in_room"
  | "text_too_long"
  | "too_many_rooms"
  | "room_full"
  | "too_fast"
  | "server_full";

export type Why = "left" | "closed" | "lost" | "slow_consumer";

/** A command without its `id`, which the transport chooses. */
export type Command =
  | { type: "join"; room: string; name: string; after?: number; epoch?: string }
  | { type: "leave"; room: string }
  | { type: "say"; room: string; text: string; key?: string }
  | { type: "typing"; room: string }
  | { type: "history"; room: string; limit: number; before?: number }
  | { type: "rooms"; after?: string; limit?: number };

export type Arrived = { type: "arrived"; room: string; name: string; seq: number };
export type Departed = { type: "departed"; room: string; name: string; seq: number; why: Why };
export type Message = {
  type: "message";
  room: string;
  seq: number;
  name: string;
  text: string;
  /** The server's clock, in milliseconds since the epoch. For showing only: the order is in `seq`. */
  at: number;
};
export type Typing = { type: "typing"; room: string; name: string };

/** What has a `seq`: one total order per room, without gaps. */
export type LoggedEvent = Arrived | Departed | Message;
export type RoomEvent = LoggedEvent | Typing;

export type Joined = {
  type: "joined";
  id: number;
  room: string;
  name: string;
  members: string[];
  seq: number;
  truncated: boolean;
  /** Which life of the room `seq` belongs to; a server of room version 1 does not say it. */
  epoch?: string;
};
export type Left = { type: "left"; id: number; room: string };
export type Said = { type: "said"; id: number; room: string; seq: number; at: number };
export type Page = { type: "page"; id: number; room: string; events: LoggedEvent[] };
export type RoomSummary = { room: string; members: number; seq: number };
export type Listing = { type: "listing"; id: number; rooms: RoomSummary[]; more?: boolean };
export type Refused = { type: "refused"; id: number | null; code: Code; reason: string };

export type Reply = Joined | Left | Said | Page | Listing | Refused;

/** The bounds of the room, as `lab.chat.limits.Limits` has them. */
export interface Limits {
  name_chars: number;
  room_chars: number;
  text_bytes: number;
  rooms_per_connection: number;
  members_per_room: number;
  rooms: number;
  commands_per_s: number | null;
  command_burst: number;
  page_events: number;
  page_rooms: number;
  log_events: number;
  log_bytes: number;
  queue_bytes: number;
  frame_bytes: number;
}

const REPLIES: ReadonlySet<string> = new Set([
  "joined",
  "left",
  "said",
  "page",
  "listing",
  "refused",
]);

export function isReply(event: Reply | RoomEvent): event is Reply {
  return REPLIES.has(event.type);
}
