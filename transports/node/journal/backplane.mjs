/**
 * What a node asks of Redis while it serves. It is lab/journal/redis/backplane.py in JavaScript, and
 * runs the scripts of lab/journal/redis/scripts.py, which the process that starts it hands over.
 */

import { createHash } from "node:crypto";

import { decode as unpack } from "@msgpack/msgpack";

import { Connection } from "./connection.mjs";
import { JournalError, ReplicaError } from "./contract.mjs";
import { bytes } from "./entries.mjs";

/** The most entries of one room that one answer brings. */
const MOST_READ = 500;
/** How many members of a dead node depart in one step. Redis does nothing else meanwhile. */
const CLEARED = 1000;

/**
 * A node's place, as lab/journal/redis/claim.py took it, with the texts of the scripts.
 *
 * @typedef {object} Claim
 * @property {string} url
 * @property {number} start
 * @property {number} lease_s
 * @property {string} prefix with which every key begins
 * @property {Record<"append" | "beat" | "clear" | "leave" | "load" | "list" | "snapshot", string>}
 *   scripts
 */

/**
 * What a node wants in a stream; see `APPEND` in scripts.py.
 *
 * @typedef {object} Step
 * @property {"join" | "leave" | "say" | "gone" | "noop"} kind
 * @property {string} room
 * @property {number} member
 * @property {number | string} token
 * @property {Buffer} data
 */

/**
 * Let Redis know that the last entry has not let a member in, unless it is in the room. And how
 * many entries of the room have changed nothing, for the listing.
 *
 * @param {import("./room.mjs").RoomReplica} room
 * @returns {Step}
 */
export function report(room, /** @type {number} */ member) {
  const outside = room.isInside(member) ? 0 : room.number;
  const data = Buffer.from(`${room.noops} ${outside}`);
  return { kind: "noop", room: room.name, member, token: room.epoch, data };
}

/** Each method raises as `Connection.ask` does. */
export class Backplane {
  #claim;
  #leaseMs;
  #asking;
  #reading;
  #hearing;
  #connections;
  #woken = "0-0";
  /** @type {Map<string, string>} */
  #digests = new Map();

  constructor(/** @type {Claim} */ claim) {
    this.#claim = claim;
    this.#leaseMs = Math.round(claim.lease_s * 1000);
    const open = () => new Connection(claim.url, this.#leaseMs / 2);
    // Reading waits for entries, and a connection that hears messages can't ask.
    this.#connections = [open(), open(), open()];
    [this.#asking, this.#reading, this.#hearing] = this.#connections;
  }

  /** Append entries. The same batch may be sent again. Returns an epoch or word, and a number. */
  async append(/** @type {number} */ batch, mostRooms, /** @type {Step[]} */ steps) {
    const flat = steps.flatMap(({ kind, room, member, token, data }) => [
      kind,
      room,
      member,
      token,
      data,
    ]);
    const found = await this.#run("append", this.#claim.start, batch, mostRooms, ...flat);
    return found.map(([word, number]) => ({ word: String(word), number }));
  }

  /** Read a room from its last snapshot before entry `wanted` on. */
  async load(/** @type {string} */ epoch, /** @type {number} */ wanted) {
    const [number, snapshot, entries] = await this.#run("load", epoch, wanted);
    return { number: Number(number), snapshot, entries: entries.map(stored) };
  }

  /**
   * Wait for the entries of these rooms that come next. Returns those of each epoch.
   *
   * @param {Iterable<import("./room.mjs").RoomReplica>} rooms
   */
  async read(rooms) {
    const after = new Map([[this.#wakeKey, this.#woken]]);
    for (const { epoch, number } of rooms) after.set(this.#key("log:", epoch), `${number}-0`);
    const options = ["COUNT", MOST_READ, "BLOCK", Math.round(this.#leaseMs / 4), "STREAMS"];
    const words = ["XREAD", ...options, ...after.keys(), ...after.values()];
    const found = await this.#reading.ask(words);
    /** @type {Map<string, import("./room.mjs").Stored[]>} */
    const entries = new Map();
    for (const [key, listed] of found ?? []) {
      if (String(key) === this.#wakeKey) this.#woken = String(listed.at(-1)[0]);
      else entries.set(String(key).slice(this.#key("log:", "").length), listed.map(stored));
    }
    return entries;
  }

  /** All entries of a room that come next, without waiting. */
  async rest({ epoch, number }) {
    const words = ["XRANGE", this.#key("log:", epoch), `${number + 1}-0`, "+"];
    return (await this.#asking.ask(words)).map(stored);
  }

  /** End the waiting of `read`, which does not know of a new room yet. */
  async wake() {
    await this.#asking.ask(["XADD", this.#wakeKey, "MAXLEN", 1, "*", "w", 1]);
  }

  /** Whether Redis still has what it had: the last entry that was read, or later ones. */
  async has({ epoch }, /** @type {import("./room.mjs").Stored} */ last) {
    const log = this.#key("log:", epoch);
    const at = `${last.number}-0`;
    const [found] = (await this.#asking.ask(["XRANGE", log, at, at])).map(stored);
    const [newest] = (await this.#asking.ask(["XREVRANGE", log, "+", "-", "COUNT", 1])).map(stored);
    if (found === undefined) return newest !== undefined && newest.number > last.number;
    const { origin, token, data } = found;
    return origin === last.origin && token === last.token && data.equals(last.data);
  }

  /** At most `limit` rooms after a name: as a `listing` has them. */
  async listing(/** @type {string | null} */ after, /** @type {number} */ limit) {
    const found = await this.#run("list", after === null ? "-" : `(${after}`, limit);
    return found.map(([room, members, seq]) => ({ room: String(room), members, seq }));
  }

  /** Save a snapshot, and drop what no node reads any more. */
  async save({ name, epoch, number }, /** @type {Buffer} */ snapshot) {
    await this.#run("snapshot", name, epoch, number, snapshot);
  }

  /** Prolong the lease. Returns the starts of nodes whose lease is over. */
  async beat() {
    return (await this.#run("beat", this.#claim.start, this.#leaseMs)).map(Number);
  }

  /** Let all members of a node without a lease depart as `lost`. */
  async clear(/** @type {number} */ start) {
    let left = 1;
    while (left > 0) left = await this.#run("clear", this.#claim.start, start, CLEARED);
  }

  /** Give the lease back, and clear away what is left of this node. */
  async leave() {
    await this.#run("leave", this.#claim.start);
    await this.clear(this.#claim.start);
  }

  close() {
    for (const each of this.#connections) each.close();
  }

  // `typing` goes around the streams: it is in no order, and may be lost.

  /** Let the other nodes know who is typing. */
  async publish(/** @type {{epoch: string, name: string}[]} */ typing) {
    const told = typing.map(({ epoch, name }) => {
      const data = bytes([this.#claim.start, epoch, name]);
      return this.#asking.ask(["PUBLISH", this.#key("typing:", epoch), data]);
    });
    await Promise.all(told);
  }

  /** Call back with the name of the member who types in a room at another node. */
  async subscribe(/** @type {string} */ epoch, /** @type {(name: string) => void} */ heard) {
    await this.#hearing.subscribe(this.#key("typing:", epoch), (data) => {
      const [origin, , name] = unpack(data);
      if (origin !== this.#claim.start) heard(name);
    });
  }

  async unsubscribe(/** @type {string} */ epoch) {
    await this.#hearing.unsubscribe(this.#key("typing:", epoch));
  }

  get #wakeKey() {
    return this.#key("wake:", this.#claim.start);
  }

  #key(/** @type {string} */ kind, /** @type {string | number} */ what) {
    return `${this.#claim.prefix}${kind}${what}`;
  }

  /** Run a script. Redis knows it by its digest, until it starts again. */
  async #run(/** @type {string} */ name, ...args) {
    const script = this.#claim.scripts[name];
    const digest = this.#digests.get(name) ?? createHash("sha1").update(script).digest("hex");
    this.#digests.set(name, digest);
    try {
      return await this.#asking.ask(["EVALSHA", digest, 0, ...args]);
    } catch (error) {
      if (error instanceof ReplicaError) for (const each of this.#connections) each.renew();
      if (!(error instanceof JournalError && error.message.includes("NOSCRIPT"))) throw error;
      return this.#asking.ask(["EVAL", script, 0, ...args]);
    }
  }
}

/** @returns {import("./room.mjs").Stored} */
function stored([identifier, flat]) {
  const fields = {};
  for (let at = 0; at < flat.length; at += 2) fields[String(flat[at])] = flat[at + 1];
  const [number] = String(identifier).split("-");
  return { number: Number(number), origin: Number(fields.o), token: Number(fields.t), data: fields.e };
}
