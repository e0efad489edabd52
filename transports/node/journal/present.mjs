/** Which connections of this node are in which rooms, and what reaches them through the outlet. */

export class Present {
  /** What reached members: an event to one member is one. */
  deliveries = 0;
  /** @type {import("../service.mjs").Outlet} */
  #outlet;
  /** The rooms whose broadcasts each connection receives. @type {Map<number, Set<string>>} */
  #rooms = new Map();
  /** How many members of each room are here. @type {Map<string, number>} */
  #members = new Map();

  constructor(/** @type {import("../service.mjs").Outlet} */ outlet) {
    this.#outlet = outlet;
  }

  /** How many memberships there are. */
  get members() {
    return [...this.#members.values()].reduce((sum, count) => sum + count, 0);
  }

  attach(/** @type {number} */ member) {
    this.#rooms.set(member, new Set());
  }

  /** Forget a connection. Its rooms learn of it from the journal. */
  detach(/** @type {number} */ member) {
    for (const room of this.#rooms.get(member)) this.#exit(member, room);
    this.#rooms.delete(member);
  }

  has(/** @type {number} */ member) {
    return this.#rooms.has(member);
  }

  /** The rooms of a connection that has not ended. */
  roomsOf(/** @type {number} */ member) {
    return [...this.#rooms.get(member)];
  }

  /** Whether somebody here is in a room. */
  isIn(/** @type {string} */ room) {
    return this.#members.has(room);
  }

  /**
   * Carry out an effect of the room. Nothing reaches a connection that has ended.
   *
   * @param {number} member whose command has it
   * @param {import("../rooms.mjs").Effect} effect
   * @param {(event: object) => void} reply
   */
  carryOut(member, effect, reply) {
    if (effect.kind === "broadcast") return this.#broadcast(effect);
    if (!this.has(member)) return;
    if (effect.kind === "reply") reply(effect.event);
    if (effect.kind === "enter") this.#enter(member, effect.room);
    if (effect.kind === "exit") this.#exit(member, effect.room);
    if (effect.kind === "deliver") {
      this.deliveries += effect.events.length;
      this.#outlet.deliver(member, effect.events);
    }
  }

  #broadcast({ room, event, skip }) {
    if (!this.isIn(room)) return;
    this.deliveries += this.#members.get(room) - Number(this.#rooms.get(skip)?.has(room) ?? false);
    this.#outlet.broadcast(room, event, skip);
  }

  #enter(member, room) {
    this.#rooms.get(member).add(room);
    this.#members.set(room, (this.#members.get(room) ?? 0) + 1);
    this.#outlet.enter(member, room);
  }

  #exit(member, room) {
    this.#rooms.get(member).delete(room);
    const left = this.#members.get(room) - 1;
    if (left === 0) this.#members.delete(room);
    else this.#members.set(room, left);
    this.#outlet.exit(member, room);
  }
}
