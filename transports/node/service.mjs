/**
 * The only shell around the room: applies commands, routes the effects to the outlet. The same as
 * lab/service.py, for the one outlet that a Node server has.
 *
 * Sync throughout and never re-entered: an outlet that finds a connection too slow in the middle of
 * a broadcast says so at once, and that member's departure is carried out when the broadcast is
 * done, so that all members see one order.
 */

/**
 * @typedef {object} Outlet
 * @property {(member: number, room: string) => void} enter from now on it gets the broadcasts
 * @property {(member: number, room: string) => void} exit from now on it no longer does
 * @property {(room: string, event: object, skip: number | null) => void} broadcast
 * @property {(member: number, events: object[]) => void} deliver to this member alone
 */

export class ChatService {
  #rooms;
  #outlet;
  #clock;
  #lastMember = 0;
  /** @type {Set<number>} */
  #members = new Set();
  /** @type {(() => void)[]} */
  #todo = [];
  #routing = false;

  /**
   * @param {import("./rooms.mjs").Rooms} rooms
   * @param {Outlet} outlet
   */
  constructor(rooms, outlet, clock = Date.now) {
    this.#rooms = rooms;
    this.#outlet = outlet;
    this.#clock = clock;
  }

  /** A connection opened; returns the number by which the room knows it. */
  attach() {
    this.#lastMember += 1;
    this.#members.add(this.#lastMember);
    return this.#lastMember;
  }

  /** A command came in. `reply` is called once, in order with the effects; not for `typing`. */
  receive(member, command, /** @type {(event: object) => void} */ reply) {
    this.#inTurn(() => {
      if (!this.#members.has(member)) return;
      for (const effect of this.#rooms.apply(member, command, this.#clock())) {
        this.#route(member, effect, reply);
      }
    });
  }

  /** The connection ended. Later calls for `member` change nothing. */
  detach(member, why) {
    this.#inTurn(() => {
      if (!this.#members.has(member)) return;
      for (const effect of this.#rooms.gone(member, why)) this.#route(member, effect);
      this.#members.delete(member);
    });
  }

  #inTurn(job) {
    this.#todo.push(job);
    if (this.#routing) return;
    this.#routing = true;
    try {
      while (this.#todo.length > 0) this.#todo.shift()();
    } finally {
      this.#routing = false;
    }
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
