/**
 * The room as a pure state machine: `rooms.apply(member, command, nowMs)` returns effects. It is
 * lab/chat/rooms.py in JavaScript, with the same table, order of checks, and effects.
 */

import { Pace, Refused, checkNames, checkText } from "./admission.mjs";
import { MemoryLog } from "./log.mjs";
import { Names } from "./order.mjs";
import { quoted } from "./quoted.mjs";

/**
 * @typedef {{kind: "reply", event: object}
 *   | {kind: "deliver", events: object[]}
 *   | {kind: "broadcast", room: string, event: object, skip: number | null}
 *   | {kind: "enter", room: string}
 *   | {kind: "exit", room: string}} Effect
 */

const reply = (event) => ({ kind: "reply", event });
const deliver = (events) => ({ kind: "deliver", events });
const broadcast = (room, event, skip = null) => ({ kind: "broadcast", room, event, skip });
const enter = (room) => ({ kind: "enter", room });
const exit = (room) => ({ kind: "exit", room });

/** One life of a room: its epoch, the names of its members, and its newest `seq`. */
class Room {
  /** @type {Map<number, string>} */
  names = new Map();
  /** @type {Set<string>} */
  taken = new Set();

  constructor(/** @type {string} */ epoch, /** @type {number} */ seq) {
    this.epoch = epoch;
    this.seq = seq;
  }

  nextSeq() {
    this.seq += 1;
    return this.seq;
  }
}

/** All rooms. Only this class changes them. */
export class Rooms {
  #log;
  /** @type {Map<string, Room>} */
  #rooms = new Map();
  /** @type {Map<number, string[]>} */
  #inside = new Map();
  #pace;
  /** The keys of `#rooms` in rising order. */
  #names = new Names();
  /** The rooms without members, the longest empty first. @type {Set<string>} */
  #empty = new Set();
  #life;
  #lives = 0;

  /**
   * @param {Record<string, number | null>} limits
   * @param {string} life a name of this object that no other `Rooms` has. The epoch of a room is
   *   made of it and of a number
   */
  constructor(limits, life = "1", log = new MemoryLog(limits)) {
    this.limits = limits;
    this.#life = life;
    this.#log = log;
    this.#pace = new Pace(limits);
  }

  /**
   * Carry out one command. Its effects contain exactly one reply, or none for `typing`.
   *
   * @param {number} member
   * @param {number} nowMs milliseconds since the epoch
   * @returns {Effect[]}
   */
  apply(member, command, nowMs) {
    try {
      this.#pace.check(member, nowMs);
      const { act } = TRANSITIONS[this.#presence(member, command)][command.type];
      const effects = this[act](member, command, nowMs);
      this.#pace.charge(member, entriesIn(effects));
      return effects;
    } catch (refusal) {
      if (!(refusal instanceof Refused)) throw refusal;
      if (command.type === "typing") return [];
      const { code, message: reason } = refusal;
      return [reply({ type: "refused", id: command.id, code, reason })];
    }
  }

  /**
   * Answer input of the member that is not a command. It takes a token as a command does.
   *
   * @param {number} member
   * @param {object} refusal
   * @param {number} nowMs
   * @returns {Effect[]}
   */
  refuse(member, refusal, nowMs) {
    try {
      this.#pace.check(member, nowMs);
      return [reply(refusal)];
    } catch (tooFast) {
      if (!(tooFast instanceof Refused)) throw tooFast;
      const { code, message: reason } = tooFast;
      return [reply({ type: "refused", id: refusal.id, code, reason })];
    }
  }

  /**
   * Remove a member whose connection has ended from all its rooms.
   *
   * @param {number} member
   * @param {"left" | "closed" | "lost" | "slow_consumer"} why
   * @returns {Effect[]}
   */
  gone(member, why) {
    this.#pace.forget(member);
    const rooms = this.#inside.get(member) ?? [];
    this.#inside.delete(member);
    return rooms.flatMap((room) => this.#depart(member, room, why));
  }

  /** Whether the member is in a room. */
  isInside(/** @type {number} */ member) {
    return (this.#inside.get(member) ?? []).length > 0;
  }

  /** All that decides what the next commands do, except the log and the pace: lab/chat/state.py. */
  state() {
    const rooms = [...this.#rooms].map(([name, { epoch, seq, names }]) => [
      name,
      epoch,
      seq,
      [...names],
    ]);
    const inside = [...this.#inside].filter(([, within]) => within.length > 0);
    return [this.#lives, rooms, [...this.#empty], inside];
  }

  /** Take over the state of other rooms. These are new, and have the log of the others. */
  restore([lives, rooms, empty, inside]) {
    this.#lives = lives;
    for (const [name, epoch, seq, members] of rooms) {
      const room = new Room(epoch, seq);
      room.names = new Map(members);
      room.taken = new Set(room.names.values());
      this.#rooms.set(name, room);
      this.#names.add(name);
    }
    this.#empty = new Set(empty);
    this.#inside = new Map(inside);
  }

  // The actions of the table, one method each.

  join(member, { id, room: roomName, name, after, epoch }) {
    checkNames(this.limits, { room: roomName, name });
    const inside = this.#inside.get(member) ?? [];
    const most = this.limits.rooms_per_connection;
    if (inside.length >= most) throw new Refused("too_many_rooms", `at most ${most}`);
    const room = this.#open(roomName, name);
    room.names.set(member, name);
    room.taken.add(name);
    this.#empty.delete(roomName);
    this.#inside.set(member, [...inside, roomName]);
    const arrived = { type: "arrived", room: roomName, name, seq: room.nextSeq() };
    this.#log.append(arrived);
    return [broadcast(roomName, arrived), ...this.#welcome({ id, room: roomName, name, after, epoch })];
  }

  /** The order is: the reply, the missed events, and only then the room's new events. */
  #welcome(command) {
    const { id, room: roomName, name } = command;
    const { seq, names, epoch } = this.#rooms.get(roomName);
    const { events, truncated } = this.#missed(command);
    const members = [...names.values()];
    const joined = { type: "joined", id, room: roomName, name, members, seq, truncated, epoch };
    return [reply(joined), ...(events.length > 0 ? [deliver(events)] : []), enter(roomName)];
  }

  /** The events to replay, and whether that is less than all that the client has missed. */
  #missed({ room: roomName, after, epoch }) {
    const room = this.#rooms.get(roomName);
    if (after === null) return { events: [], truncated: false };
    if (epoch !== null && epoch !== room.epoch) {
      return { events: this.#log.since(roomName, 0).events, truncated: true };
    }
    const { events, truncated } = this.#log.since(roomName, after);
    // No client can have seen this arrival yet. An `after` that includes it belongs to an earlier
    // life of the room, so the log may not have all that the client has missed.
    return { events, truncated: truncated || after >= room.seq };
  }

  leave(member, { id, room }) {
    const inside = this.#inside.get(member);
    inside.splice(inside.indexOf(room), 1);
    const [out, ...seen] = this.#depart(member, room, "left");
    return [out, reply({ type: "left", id, room }), ...seen];
  }

  say(member, { id, room: roomName, text, key }, nowMs) {
    checkText(this.limits, text);
    const room = this.#rooms.get(roomName);
    const name = room.names.get(member);
    const said = ({ seq, at }) => reply({ type: "said", id, room: roomName, seq, at });
    const earlier = key === null ? undefined : this.#log.keyed(roomName, name, key);
    if (earlier !== undefined) return [said(earlier)];
    const seq = room.nextSeq();
    const message = { type: "message", room: roomName, seq, name, text, at: nowMs };
    this.#log.append(message, key);
    return [said(message), broadcast(roomName, message)];
  }

  typing(member, { room }) {
    const name = this.#rooms.get(room).names.get(member);
    return [broadcast(room, { type: "typing", room, name }, member)];
  }

  history(_member, { id, room, limit, before }) {
    const most = Math.min(limit, this.limits.page_events);
    return [reply({ type: "page", id, room, events: this.#log.page(room, before, most) })];
  }

  listing(_member, { id, after, limit }) {
    const most = Math.min(limit ?? Infinity, this.limits.page_rooms);
    const { page, more } = this.#names.after(after, most);
    const rooms = page.map((room) => {
      const { names, seq } = this.#rooms.get(room);
      return { room, members: names.size, seq };
    });
    return [reply({ type: "listing", id, rooms, more })];
  }

  notInside(_member, { room }) {
    throw new Refused("not_in_room", `join ${quoted(room, this.limits.room_chars)} first`);
  }

  alreadyInside(member, { room }) {
    const name = this.#rooms.get(room).names.get(member);
    throw new Refused("already_in_room", `you are in ${quoted(room)} as ${quoted(name)}`);
  }

  // Helpers of the actions.

  #presence(member, { room }) {
    return this.#rooms.get(room)?.names.has(member) ? "inside" : "outside";
  }

  #depart(member, roomName, why) {
    const room = this.#rooms.get(roomName);
    const name = room.names.get(member);
    room.names.delete(member);
    room.taken.delete(name);
    if (room.names.size === 0) this.#empty.add(roomName);
    const departed = { type: "departed", room: roomName, name, seq: room.nextSeq(), why };
    this.#log.append(departed);
    return [exit(roomName), broadcast(roomName, departed)];
  }

  /** The room to join. It is made if it is new; a full room or a taken name is refused. */
  #open(roomName, name) {
    let room = this.#rooms.get(roomName);
    if (room === undefined) {
      this.#makeWay();
      this.#lives += 1;
      room = new Room(`${this.#life}.${this.#lives}`, this.#log.lastSeq(roomName));
      this.#rooms.set(roomName, room);
      this.#names.add(roomName);
    }
    if (room.taken.has(name)) {
      throw new Refused("name_taken", `somebody is ${quoted(name)} in ${quoted(roomName)}`);
    }
    const most = this.limits.members_per_room;
    if (room.names.size >= most) throw new Refused("room_full", `at most ${most} members`);
    return room;
  }

  /** If there are as many rooms as allowed, forget the one that has been empty longest. */
  #makeWay() {
    if (this.#rooms.size < this.limits.rooms) return;
    const [empty] = this.#empty;
    if (empty === undefined) {
      throw new Refused("server_full", `at most ${this.limits.rooms} rooms`);
    }
    this.#rooms.delete(empty);
    this.#empty.delete(empty);
    this.#names.delete(empty);
    this.#log.forget(empty);
  }
}

/** How many entries a reply and its replay have. Their length, and so their cost, depend on it. */
export function entriesIn(/** @type {Effect[]} */ effects) {
  return effects.reduce((sum, effect) => sum + entriesOf(effect), 0);
}

function entriesOf({ kind, event, events }) {
  if (kind === "deliver") return events.length;
  if (kind !== "reply") return 0;
  return (event.events ?? event.rooms ?? event.members ?? []).length;
}

/** A row of the table: the method, the member's next place, the reply, and the event for all. */
const row = (act, to, answer, seen = "") => ({ act, to, reply: answer, seen });

/**
 * The member's place -> its command -> the row. `rooms` names no room: it has a row outside only.
 * The test suite compares this table with the one in lab/chat/rooms.py.
 */
export const TRANSITIONS = {
  outside: {
    join: row("join", "inside", "joined", "arrived"),
    leave: row("notInside", "outside", "refused not_in_room"),
    say: row("notInside", "outside", "refused not_in_room"),
    typing: row("notInside", "outside", ""),
    history: row("notInside", "outside", "refused not_in_room"),
    rooms: row("listing", "outside", "listing"),
  },
  inside: {
    join: row("alreadyInside", "inside", "refused already_in_room"),
    leave: row("leave", "outside", "left", "departed"),
    say: row("say", "inside", "said", "message"),
    typing: row("typing", "inside", "", "typing"),
    history: row("history", "inside", "page"),
  },
};
