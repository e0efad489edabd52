/**
 * One room as a node makes it from the numbered entries of the room's stream. It is
 * lab/journal/redis/room.py in JavaScript: the same entries make the same room, and the same
 * snapshot.
 */

import { decode as unpack } from "@msgpack/msgpack";

import { MemoryLog } from "../log.mjs";
import { Rooms } from "../rooms.mjs";
import { JournalError } from "./contract.mjs";
import { bytes, decode } from "./entries.mjs";

/** The most entries between two snapshots of a room. */
const LONGEST = 1000;
const LONGEST_BYTES = 4 << 20;

/**
 * An entry as the stream has it. `number`: its place in the room's order, from 1. `origin`: the
 * start of the node that appended it. `token`: by which that node knows its own entry.
 *
 * @typedef {{number: number, origin: number, token: number, data: Buffer}} Stored
 */

/** The limits on which the state of the rooms depends: the pace concerns one connection. */
export function deciding(/** @type {Record<string, number | null>} */ limits) {
  return { ...limits, commands_per_s: null };
}

/** One life of a room. */
export class RoomReplica {
  /** That of the last entry that was applied. */
  number = 0;
  /** Whether the last entry was the one after which a snapshot is due. */
  isDue = false;
  /** How many entries have changed nothing: each of the others has taken one `seq`. */
  noops = 0;
  #since = 0;
  #sinceBytes = 0;
  #log;
  #rooms;

  constructor(/** @type {string} */ name, /** @type {string} */ epoch, limits) {
    this.name = name;
    this.epoch = epoch;
    this.#log = new MemoryLog(deciding(limits));
    this.#rooms = new Rooms(deciding(limits), epoch, this.#log);
    this.#rooms.restore([0, [[name, epoch, 0, []]], [name], []]);
  }

  /**
   * Begin with a snapshot that was made after entry `number`.
   *
   * @throws {JournalError} it can't be read
   */
  restore(/** @type {number} */ number, /** @type {Buffer} */ snapshot) {
    try {
      const [state, kept] = unpack(snapshot);
      this.#rooms.restore(state);
      for (const event of kept) this.#log.restore(event);
      this.number = number;
      this.noops = number - state[1][0][2];
    } catch (error) {
      throw new JournalError(`the snapshot of '${this.name}' is damaged: ${error.message}`);
    }
  }

  /**
   * Carry out the next entry.
   *
   * @param {Stored} stored
   * @throws {JournalError} it is not the next one, or can't be read
   */
  apply({ number, data }) {
    if (number !== this.number + 1) {
      throw new JournalError(`entry ${this.number + 1} of '${this.name}' is gone`);
    }
    let entry;
    try {
      entry = decode(data);
    } catch (error) {
      throw new JournalError(`an entry of '${this.name}' is damaged: ${error.message}`);
    }
    this.number = number;
    this.#count(data.length);
    const { member, atMs, command, why } = entry;
    const effects =
      command === undefined
        ? this.#rooms.gone(member, why)
        : this.#rooms.apply(member, command, atMs);
    if (!effects.some(({ kind }) => kind === "broadcast")) this.noops += 1;
    return { entry, effects };
  }

  /** Carry out a command that changes nothing. */
  ask(/** @type {number} */ member, command) {
    return this.#rooms.apply(member, command, 0);
  }

  /** Whether a member is in the room. */
  isInside(/** @type {number} */ member) {
    return this.#rooms.isInside(member);
  }

  /** The room after the last entry, for `restore`. */
  snapshot() {
    return bytes([this.#rooms.state(), this.#log.kept(this.name)]);
  }

  /** Find when a snapshot is due: after the same entries on every node. */
  #count(/** @type {number} */ size) {
    this.#since += 1;
    this.#sinceBytes += size;
    this.isDue = this.#since >= LONGEST || this.#sinceBytes >= LONGEST_BYTES;
    if (this.isDue) this.#since = this.#sinceBytes = 0;
  }
}
