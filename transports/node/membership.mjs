/** Keeps which members are in which room. `ws` has no rooms. */
export class Membership {
  /** @type {Map<string, Set<number>>} */
  #rooms = new Map();

  /** Add a member to a room. */
  enter(/** @type {number} */ member, /** @type {string} */ room) {
    const members = this.#rooms.get(room);
    if (members === undefined) this.#rooms.set(room, new Set([member]));
    else members.add(member);
  }

  /** Remove a member from a room. */
  exit(/** @type {number} */ member, /** @type {string} */ room) {
    const members = this.#rooms.get(room);
    members.delete(member);
    if (members.size === 0) this.#rooms.delete(room);
  }

  /** The members in `room`. */
  in(/** @type {string} */ room) {
    return this.#rooms.get(room) ?? [];
  }
}
