/**
 * The room as a pure state machine: `rooms.apply(member, command, nowMs)` returns effects. It is
 * lab/chat/rooms.py in JavaScript: the same table, the same order of checks, the same effects.
 */

import { Pace, Refused, checkNames, checkText } from "./admission.mjs";
import { MemoryLog } from "./log.mjs";
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

/** One room: who is in it under which name, and its newest `seq`. */
class Room {
  /** @type {Map<number, string>} */
  names = new Map();
  /** @type {Set<string>} */
  taken = new Set();

  constructor(/** @type {number} */ seq) {
    this.seq = seq;
  }

  nextSeq() {
    this.seq += 1;
    return this.seq;
  }
}

/** All rooms, and the only place where they change. */
export class Rooms {
  #log;
  /** @type {Map<string, Room>} */
  #rooms = new Map();
  /** @type {Map<number, string[]>} */
  #inside = new Map();
  #pace;

  constructor(limits) {
    this.limits = limits;
    this.#log = new MemoryLog(limits);
    this.#pace = new Pace(limits);
  }

  /**
   * Carry out one command: exactly one reply among the effects, but none for `typing`.
   *
   * @param {number} member
   * @param {number} nowMs milliseconds since the epoch
   * @returns {Effect[]}
   */
  apply(member, command, nowMs) {
    try {
      this.#pace.check(member, nowMs);
      const { act } = TRANSITIONS[this.#presence(member, command)][command.type];
      return this[act](member, command, nowMs);
    } catch (refusal) {
      if (!(refusal instanceof Refused)) throw refusal;
      if (command.type === "typing") return [];
      const { code, message: reason } = refusal;
      return [reply({ type: "refused", id: command.id, code, reason })];
    }
  }

  /**
   * The member's connection ended: it departs from every room that it was in.
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

  // The acts: one for each row of the table.

  join(member, { id, room: roomName, name, after }) {
    checkNames(this.limits, { room: roomName, name });
    const inside = this.#inside.get(member) ?? [];
    const most = this.limits.rooms_per_connection;
    if (inside.length >= most) throw new Refused("too_many_rooms", `at most ${most}`);
    const room = this.#open(roomName, name);
    room.names.set(member, name);
    room.taken.add(name);
    this.#inside.set(member, [...inside, roomName]);
    const arrived = { type: "arrived", room: roomName, name, seq: room.nextSeq() };
    this.#log.append(arrived);
    return [broadcast(roomName, arrived), ...this.#welcome(id, roomName, name, after)];
  }

  /** The reply, then what was missed, and only then whatever comes next. */
  #welcome(id, roomName, name, after) {
    const { seq, names } = this.#rooms.get(roomName);
    let missed = { events: [], truncated: false };
    if (after !== null) {
      missed = this.#log.since(roomName, after);
      // Nobody has seen this arrival yet: a client that says so speaks of an earlier life of the
      // room, and the log can't vouch for what it missed.
      missed.truncated ||= after >= seq;
    }
    const { events, truncated } = missed;
    const members = [...names.values()];
    const joined = { type: "joined", id, room: roomName, name, members, seq, truncated };
    return [reply(joined), ...(events.length > 0 ? [deliver(events)] : []), enter(roomName)];
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

  listing(_member, { id }) {
    const rooms = [...this.#rooms]
      .map(([room, { names, seq }]) => ({ room, members: names.size, seq }))
      .map((summary) => ({ summary, bytes: Buffer.from(summary.room) }))
      // Bytes of UTF-8 have the order of code points, which UTF-16 units have not.
      .sort((one, other) => Buffer.compare(one.bytes, other.bytes))
      .map(({ summary }) => summary);
    return [reply({ type: "listing", id, rooms })];
  }

  notInside(_member, { room }) {
    throw new Refused("not_in_room", `join ${quoted(room, this.limits.room_chars)} first`);
  }

  alreadyInside(member, { room }) {
    const name = this.#rooms.get(room).names.get(member);
    throw new Refused("already_in_room", `you are in ${quoted(room)} as ${quoted(name)}`);
  }

  // What the acts are made of.

  #presence(member, { room }) {
    return this.#rooms.get(room)?.names.has(member) ? "inside" : "outside";
  }

  #depart(member, roomName, why) {
    const room = this.#rooms.get(roomName);
    const name = room.names.get(member);
    room.names.delete(member);
    room.taken.delete(name);
    const departed = { type: "departed", room: roomName, name, seq: room.nextSeq(), why };
    this.#log.append(departed);
    return [exit(roomName), broadcast(roomName, departed)];
  }

  /** The room to join, made where it is new; refused where there is no place in it. */
  #open(roomName, name) {
    let room = this.#rooms.get(roomName);
    if (room === undefined) {
      this.#makeWay();
      room = new Room(this.#log.lastSeq(roomName));
      this.#rooms.set(roomName, room);
    }
    if (room.taken.has(name)) {
      throw new Refused("name_taken", `somebody is ${quoted(name)} in ${quoted(roomName)}`);
    }
    const most = this.limits.members_per_room;
    if (room.names.size >= most) throw new Refused("room_full", `at most ${most} members`);
    return room;
  }

  /** Where no more rooms fit, an empty one is forgotten. */
  #makeWay() {
    if (this.#rooms.size < this.limits.rooms) return;
    for (const [name, { names }] of this.#rooms) {
      if (names.size > 0) continue;
      this.#rooms.delete(name);
      this.#log.forget(name);
      return;
    }
    throw new Refused("server_full", `at most ${this.limits.rooms} rooms`);
  }
}

/** A row of the table: which method acts, where it leads, what everybody gets to see. */
const row = (act, to, answer, seen = "") => ({ act, to, reply: answer, seen });

/**
 * Where the member stands -> what it commands -> what happens. `rooms` names no room: outside.
 * The test suite compares this table with the one of lab/chat/rooms.py.
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
