/**
 * The shell around the room: it applies commands, and gives the effects to the outlet. It is
 * lab/service/__init__.py for one outlet, since a Node server has only one.
 *
 * It is synchronous, and a call within a call waits. An outlet may find during a broadcast that a
 * connection is too slow, and detach its member at once. The room removes that member after the
 * broadcast, so that all members see the same order of events.
 */

import { randomBytes } from "node:crypto";

import { Rooms } from "./rooms.mjs";
import { inTurn } from "./turn.mjs";

/**
 * @typedef {object} Outlet
 * @property {(member: number, room: string) => void} enter from now on the member gets broadcasts
 * @property {(member: number, room: string) => void} exit from now on it gets none
 * @property {(room: string, event: object, skip: number | null) => void} broadcast
 * @property {(member: number, events: object[]) => void} deliver to this member alone
 */

/** Make the rooms of a server. Their epochs are different from those of any other server. */
export function newRooms(/** @type {Record<string, number | null>} */ limits) {
  return new Rooms(limits, randomBytes(8).toString("hex"));
}

export class ChatService {
  #rooms;
  #outlet;
  #clock;
  #lastMember = 0;
  /** @type {Set<number>} */
  #members = new Set();
  #inTurn = inTurn();

  /**
   * @param {import("./rooms.mjs").Rooms} rooms
   * @param {Outlet} outlet
   */
  constructor(rooms, outlet, clock = Date.now) {
    this.#rooms = rooms;
    this.#outlet = outlet;
    this.#clock = clock;
  }

  /** Add a connection that has opened; returns its number in the room. */
  attach() {
    this.#lastMember += 1;
    this.#members.add(this.#lastMember);
    return this.#lastMember;
  }

  /** Handle a command. `reply` is called once, in order with the effects; not for `typing`. */
  receive(member, command, /** @type {(event: object) => void} */ reply) {
    this.#inTurn(() => {
      if (!this.#members.has(member)) return;
      for (const effect of this.#rooms.apply(member, command, this.#clock())) {
        this.#route(member, effect, reply);
      }
    });
  }

  /** Handle input that is not a command. `reply` is called once, with the refusal. */
  refuse(member, refusal, /** @type {(event: object) => void} */ reply) {
    this.#inTurn(() => {
      if (!this.#members.has(member)) return;
      for (const effect of this.#rooms.refuse(member, refusal, this.#clock())) {
        this.#route(member, effect, reply);
      }
    });
  }

  /** Remove a connection that has ended. Later calls for `member` change nothing. */
  detach(member, why) {
    this.#inTurn(() => {
      if (!this.#members.has(member)) return;
      for (const effect of this.#rooms.gone(member, why)) this.#route(member, effect);
      this.#members.delete(member);
    });
  }

  #route(member, effect, reply) {
    switch (effect.kind) {
      case "reply":
        return reply(effect.event);
      case "broadcast":
        return this.#outlet.broadcast(effect.room, effect.event, effect.skip);
      case "deliver":
        return this.#outlet.deliver(member, effect.events);
      case "enter":
        return this.#outlet.enter(member, effect.room);
      case "exit":
        return this.#outlet.exit(member, effect.room);
    }
  }
}
