/**
 * A node while it serves: appends in batches, reads the streams of its rooms, keeps its lease. It is
 * lab/journal/redis/node.py in JavaScript.
 *
 * Three loops run side by side. Where Redis does not answer, each asks again until the lease is
 * over. Then the node is out: it can't know what the others have done since.
 */

import { setTimeout as sleep } from "node:timers/promises";

import { Backplane, report } from "./backplane.mjs";
import { AGAIN_MS } from "./connection.mjs";
import { JournalError, JournalFullError, LOST_LEASE, UnreachableError } from "./contract.mjs";
import { RoomReplica } from "./room.mjs";

/** The most steps of one batch. Redis does nothing else meanwhile. */
const MOST_STEPS = 500;
const BATCH_BYTES = 4 << 20;
/** How many notices of typing may wait; more are dropped. */
const MOST_TYPING = 1000;
/** How long what can't be refused waits for a Redis server without memory. */
const FULL_MS = 1000;
const LOST_ENTRIES = "Redis has lost entries that it had acknowledged";

/**
 * Whom a node serves.
 *
 * @typedef {object} Place
 * @property {(error: JournalError) => void} fail the node is out
 * @property {(room: RoomReplica, stored: import("./room.mjs").Stored) => void} take apply the next
 *   entry of a room, and do what follows; throws JournalError
 * @property {(step: Step) => boolean} awaits whether a step's entry has not been taken yet
 * @property {(step: Step, why: string) => void} refused a step has no entry: `out`, `full`, or
 *   `space`: Redis has no memory
 * @property {(room: string) => boolean} needs whether somebody here is in a room, or may be soon
 * @property {(room: string, name: string) => void} typing somebody types at another node
 * @typedef {import("./backplane.mjs").Step} Step
 * @typedef {(rooms: {room: string, members: number, seq: number}[]) => void} Listed
 */

/** The rooms in which a node has members. See `begin` for when it does something. */
export class Node {
  /** @type {Map<string, RoomReplica>} */
  rooms = new Map();
  #counts = { reads: 0, read_bytes: 0, concerned: 0 };
  #start;
  #limits;
  /** @type {Place} */
  #place;
  #backplane;
  #leaseMs;
  #leaseUntil;
  #failed = false;
  /** @type {Step[]} */
  #waiting = [];
  /** @type {{after: string | null, limit: number, done: Listed}[]} */
  #listings = [];
  /** @type {{epoch: string, name: string}[]} */
  #typing = [];
  #resting = true;
  #batch = 0;
  #onTheirWay = 0;
  /** Room -> the last entry that was read. @type {Map<string, import("./room.mjs").Stored>} */
  #last = new Map();
  /** Rooms that are being opened -> the epoch and the number of an entry of this node. */
  #wanted = new Map();

  /**
   * @param {import("./backplane.mjs").Claim} claim
   * @param {Record<string, number | null>} limits
   * @param {Place} place
   */
  constructor(claim, limits, place) {
    this.#start = claim.start;
    this.#limits = limits;
    this.#place = place;
    this.#backplane = new Backplane(claim);
    this.#leaseMs = claim.lease_s * 1000;
    this.#leaseUntil = performance.now() + this.#leaseMs;
  }

  /**
   * Entries that came from Redis, their bytes, and those of rooms with members here. And how many
   * steps it has not done yet.
   */
  get counts() {
    return { ...this.#counts, waiting: this.#waiting.length + this.#onTheirWay };
  }

  /**
   * Clear away nodes that are dead, and begin to read and to append.
   *
   * @throws {JournalError} the lease is over, or Redis does not answer any more
   */
  async begin() {
    await this.#beat();
    this.#run(() => this.#keepLease());
    this.#run(() => this.#readAll());
  }

  /** Append what waits, give the lease back, and end. */
  async close() {
    const until = performance.now() + this.#leaseMs;
    const isDone = () => this.#failed || this.#resting;
    while (!isDone() && performance.now() < until) await sleep(AGAIN_MS / 10);
    try {
      if (!this.#failed) await this.#backplane.leave();
    } catch {
      // Then the lease ends by itself.
    } finally {
      this.#failed = true;
      this.#backplane.close();
    }
  }

  /** Append a step with what else this turn of the event loop brings. */
  append(/** @type {Step} */ step) {
    this.#waiting.push(step);
    this.#work();
  }

  /** Ask for rooms, after what was appended before is there. */
  listRooms(after, /** @type {number} */ limit, /** @type {Listed} */ done) {
    this.#listings.push({ after, limit, done });
    this.#work();
  }

  /** Let the other nodes know that somebody types here. */
  tellTyping({ epoch }, /** @type {string} */ name) {
    if (this.#typing.length >= MOST_TYPING) return;
    this.#typing.push({ epoch, name });
    this.#work();
  }

  /** Whether the lease is over, as far as this node can know. It fails then. */
  isOut() {
    if (!this.#failed && performance.now() > this.#leaseUntil) this.#fail(new JournalError(LOST_LEASE));
    return this.#failed;
  }

  /** Read these rooms no more, as far as nobody here needs them. */
  drop(/** @type {Iterable<string>} */ names) {
    for (const name of names) {
      const room = this.rooms.get(name);
      if (room !== undefined && !this.#place.needs(name)) this.#drop(room);
    }
  }

  // The lease.

  async #keepLease() {
    while (!this.#failed) {
      await sleep(this.#leaseMs / 3);
      if (!this.#failed) await this.#beat();
    }
  }

  async #beat() {
    const sent = performance.now();
    const dead = await this.#insist(() => writing(() => this.#backplane.beat()));
    this.#leaseUntil = sent + this.#leaseMs;
    for (const start of dead) {
      await this.#insist(() => writing(() => this.#backplane.clear(start)));
    }
  }

  /**
   * Ask Redis until it answers.
   *
   * @throws {JournalError} the lease is over meanwhile, or see `Backplane`
   */
  async #insist(ask) {
    for (;;) {
      try {
        return await ask();
      } catch (error) {
        if (!(error instanceof UnreachableError)) throw error;
        if (performance.now() > this.#leaseUntil) {
          const why = `Redis has not answered for ${this.#leaseMs / 1000} s: ${error.message}`;
          throw new JournalError(why);
        }
        await sleep(AGAIN_MS);
      }
    }
  }

  // What goes to Redis.

  /** Append when this turn of the event loop is over, unless that has begun. */
  #work() {
    if (!this.#resting) return;
    this.#resting = false;
    setImmediate(() => this.#run(() => this.#appendAll()));
  }

  async #appendAll() {
    while (this.#waiting.length + this.#listings.length + this.#typing.length > 0) {
      const [listings, typing] = [this.#listings.splice(0), this.#typing.splice(0)];
      while (this.#waiting.length > 0) {
        const steps = this.#nextBatch();
        this.#onTheirWay = steps.length;
        await this.#append(steps);
        this.#onTheirWay = 0;
      }
      for (const { after, limit, done } of listings) {
        done(await this.#insist(() => this.#backplane.listing(after, limit)));
      }
      if (typing.length > 0) await unlessNotNow(() => this.#backplane.publish(typing));
    }
    this.#resting = true;
  }

  #nextBatch() {
    let size = 0;
    let count = 0;
    for (const { data } of this.#waiting.slice(0, MOST_STEPS)) {
      size += data.length;
      if (count > 0 && size > BATCH_BYTES) break;
      count += 1;
    }
    return this.#waiting.splice(0, count);
  }

  async #append(/** @type {Step[]} */ steps) {
    this.#batch += 1;
    const append = () => this.#backplane.append(this.#batch, this.#limits.rooms, steps);
    let results;
    try {
      results = await append();
    } catch (error) {
      if (error instanceof JournalFullError) return this.#haveNoSpace(steps);
      if (!(error instanceof UnreachableError)) throw error;
      // The first time may have been carried out, so no answer but its own will do.
      results = await this.#insist(() => writing(append));
    }
    steps.forEach((step, at) => {
      const { word, number } = results[at];
      if (number === 0) this.#place.refused(step, word);
      else if (this.#place.awaits(step)) this.#expect(step, word, number);
    });
    this.drop(steps.map(({ room }) => room));
  }

  /** Refuse what has a client that waits for an answer. The rest is offered again. */
  #haveNoSpace(/** @type {Step[]} */ steps) {
    const later = [];
    for (const step of steps) {
      if (step.kind === "gone" || step.kind === "noop") later.push(step);
      else this.#place.refused(step, "space");
    }
    if (later.length === 0) return;
    setTimeout(() => {
      this.#waiting.unshift(...later);
      this.#work();
    }, FULL_MS);
  }

  /** Read the room of an entry that is in its stream, and has not been read. */
  #expect({ room: name }, /** @type {string} */ epoch, /** @type {number} */ number) {
    const room = this.rooms.get(name);
    if (room?.epoch === epoch) {
      if (number <= room.number) throw new JournalError(LOST_ENTRIES);
      return;
    }
    const wanted = this.#wanted.get(name);
    if (wanted?.epoch !== epoch) this.#wanted.set(name, { epoch, number });
    if (wanted === undefined) this.#run(() => this.#open(name));
  }

  // What comes from Redis.

  /** Open the life of a room in which an entry of this node is. And the next one, if it is over. */
  async #open(/** @type {string} */ name) {
    for (let wanted = this.#wanted.get(name); wanted; wanted = this.#wanted.get(name)) {
      const { room, entries } = await this.#load(name, wanted);
      if (this.#wanted.get(name) === wanted) this.#wanted.delete(name);
      this.rooms.set(name, room);
      this.#takeAll(room, entries);
      // A node that is dead may not have reported them.
      if (room.noops > 0) this.append(report(room, 0));
    }
    // If Redis has no space for this, the reader sees the room a little later.
    await unlessNotNow(() => this.#insist(() => this.#backplane.wake()));
  }

  /** The room before entry `number`, and this entry, with those around it. */
  async #load(/** @type {string} */ name, { epoch, number }) {
    const before = this.rooms.get(name);
    if (before !== undefined) await this.#finish(before);
    const room = new RoomReplica(name, epoch, this.#limits);
    const heard = (typing) => {
      if (this.rooms.get(name)?.epoch === epoch) this.#place.typing(name, typing);
    };
    await this.#insist(() => this.#backplane.subscribe(epoch, heard));
    const loaded = await this.#insist(() => this.#backplane.load(epoch, number));
    if (loaded.number > 0) room.restore(loaded.number, loaded.snapshot);
    return { room, entries: loaded.entries };
  }

  /** Take what is left of a life that is over, before the next one begins. */
  async #finish(/** @type {RoomReplica} */ room) {
    this.#takeAll(room, await this.#insist(() => this.#backplane.rest(room)));
    if (this.rooms.get(room.name) === room) this.#drop(room);
  }

  async #readAll() {
    while (!this.#failed) {
      let found;
      try {
        found = await this.#backplane.read(this.rooms.values());
      } catch (error) {
        if (!(error instanceof UnreachableError)) throw error;
        if (!this.#failed) await this.#reconnect();
        continue;
      }
      const byEpoch = new Map([...this.rooms.values()].map((room) => [room.epoch, room]));
      for (const [epoch, entries] of found) {
        const room = byEpoch.get(epoch);
        if (room === undefined) this.#count(entries);
        else this.#takeAll(room, entries);
      }
    }
  }

  /** Wait for Redis, and make sure that it has lost nothing of what was read. */
  async #reconnect() {
    for (const [name, last] of [...this.#last]) {
      const room = this.rooms.get(name);
      if (room?.number !== last.number) continue;
      if (!(await this.#insist(() => this.#backplane.has(room, last)))) {
        throw new JournalError(LOST_ENTRIES);
      }
    }
    await sleep(AGAIN_MS);
  }

  #count(/** @type {import("./room.mjs").Stored[]} */ entries) {
    this.#counts.reads += entries.length;
    for (const { data } of entries) this.#counts.read_bytes += data.length;
  }

  #takeAll(/** @type {RoomReplica} */ room, /** @type {import("./room.mjs").Stored[]} */ entries) {
    this.#count(entries);
    for (const stored of entries) {
      if (this.rooms.get(room.name) !== room || this.#failed) return;
      if (stored.number <= room.number) continue;
      this.#counts.concerned += Number(this.#place.needs(room.name));
      this.#last.set(room.name, stored);
      this.#place.take(room, stored);
      if (room.isDue && stored.origin === this.#start) this.#save(room);
    }
    this.drop([room.name]);
  }

  /** Save a snapshot. If it fails, the next one replaces it. */
  #save(/** @type {RoomReplica} */ room) {
    const { name, epoch, number } = room;
    const snapshot = room.snapshot();
    this.#run(() => unlessNotNow(() => this.#backplane.save({ name, epoch, number }, snapshot)));
  }

  #drop(/** @type {RoomReplica} */ room) {
    this.rooms.delete(room.name);
    this.#last.delete(room.name);
    this.#run(() => unlessNotNow(() => this.#backplane.unsubscribe(room.epoch)));
  }

  /** Fail with the job: without one of its loops a node is none. */
  async #run(/** @type {() => Promise<void>} */ job) {
    try {
      await job();
    } catch (error) {
      const isKnown = error instanceof JournalError;
      this.#fail(isKnown ? error : new JournalError(`${error.name}: ${error.message}`));
    }
  }

  #fail(/** @type {JournalError} */ error) {
    if (this.#failed) return;
    this.#failed = true;
    this.#place.fail(error);
  }
}

/** Ask for what has to be written: that there is no space is no answer. */
async function writing(ask) {
  try {
    return await ask();
  } catch (error) {
    if (error instanceof JournalFullError) throw new UnreachableError("it can't write");
    throw error;
  }
}

/** Do what may be left undone where Redis does not answer, or has no space. */
async function unlessNotNow(job) {
  try {
    await job();
  } catch (error) {
    if (!(error instanceof UnreachableError || error instanceof JournalFullError)) throw error;
  }
}
