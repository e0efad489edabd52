/** Who is in which room, kept by hand: what `ws` leaves to its users. */
export class Membership {
  /** @type {Map<string, Set<number>>} */
  #rooms = new Map();

  /** From now on `member` is among those in `room`. */
  enter(/** @type {number} */ member, /** @type {string} */ room) {
    const members = this.#rooms.get(room);
    if (members === undefined) this.#rooms.set(room, new Set([member]));
    else members.add(member);
  }

  /** From now on it no longer is. */
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
