/**
 * The chat of one node of several: the rooms' entries are in Redis, which orders them. It is
 * lab/service/joined.py in JavaScript, with the methods of `ChatService`.
 *
 * A command that may change a room is appended to the room's stream, and carried out when it comes
 * back, as on every other node. The commands of one connection are carried out in its order: one
 * waits until those before it are done, except after others for the same room, whose stream has an
 * order.
 */

import { Pace, Refused } from "../admission.mjs";
import { Rooms, entriesIn } from "../rooms.mjs";
import { inTurn } from "../turn.mjs";
import { report } from "./backplane.mjs";
import { JournalError, LOST_LEASE } from "./contract.mjs";
import { encodeDone, encodeGone, isChanging } from "./entries.mjs";
import { Node } from "./node.mjs";
import { Present } from "./present.mjs";
import { deciding } from "./room.mjs";

const FULL = "Redis has no space for it: nothing has changed";
/** Each start of a node has so many numbers for its connections. */
const MEMBERS_PER_START = 2 ** 32;
const NOTHING = Buffer.alloc(0);
const noReply = () => {};

/**
 * A command that the pace allows. `data`: its entry; empty if it changes no room.
 *
 * @typedef {{member: number, command: object, data: Buffer, reply: (event: object) => void}} Received
 */

/** A connection. `pending`: how many of its commands are on their way, all for `room`. */
class Peer {
  /** @type {{room: string | null, run: () => void}[]} */
  queue = [];
  pending = 0;
  /** @type {string | null} */
  room = null;
  waitingBytes = 0;

  /** Whether its next step may begin. */
  get isReady() {
    if (this.queue.length === 0) return false;
    return this.pending === 0 || (this.room !== null && this.queue[0].room === this.room);
  }
}

export class JoinedChat {
  #limits;
  #clock;
  /** These rooms stay empty. They refuse what no member of a room has sent. */
  #rooms;
  #pace;
  #node;
  #start;
  #lastMember;
  #lastToken = 0;
  /** @type {Present} */
  #present;
  /** @type {Map<number, Peer>} */
  #peers = new Map();
  /** Token -> a command whose entry has not come back. @type {Map<number, Received>} */
  #sent = new Map();
  /** Room -> how many of them are for it. @type {Map<string, number>} */
  #sentTo = new Map();
  #inTurn = inTurn();
  #onFailure;

  /**
   * @param {import("./backplane.mjs").Claim} claim
   * @param {Record<string, number | null>} limits
   * @param {(error: JournalError) => void} onFailure called once, when it can't serve any more
   */
  constructor(claim, limits, onFailure, clock = Date.now) {
    this.#limits = limits;
    this.#clock = clock;
    this.#onFailure = onFailure;
    this.#rooms = new Rooms(deciding(limits));
    this.#pace = new Pace(limits);
    this.#start = claim.start;
    this.#lastMember = claim.start * MEMBERS_PER_START - 1;
    this.#node = new Node(claim, limits, this);
  }

  /** Serve the connections of this outlet. Returns this chat. */
  serving(/** @type {import("../service.mjs").Outlet} */ outlet) {
    this.#present = new Present(outlet);
    return this;
  }

  /** Join the nodes. Throws as `Node.begin` does. */
  begin() {
    return this.#node.begin();
  }

  /** Let the members depart, and leave the nodes. */
  close() {
    return this.#node.close();
  }

  /** Memberships now, what reached them, and what was read from Redis. */
  get counts() {
    const { members, deliveries } = this.#present;
    return { members, deliveries, ...this.#node.counts };
  }

  // The methods of `ChatService`.

  attach() {
    this.#lastMember += 1;
    this.#present.attach(this.#lastMember);
    this.#peers.set(this.#lastMember, new Peer());
    return this.#lastMember;
  }

  receive(member, command, reply) {
    this.#inTurn(() => this.#accept(member, command, reply));
  }

  refuse(member, refusal, reply) {
    this.#inTurn(() => {
      if (!this.#present.has(member)) return;
      const tooFast = this.#refusedBy(() => this.#pace.check(member, this.#clock()));
      const answer = tooFast ? refused(refusal.id, tooFast) : refusal;
      this.#enqueue(member, null, () => reply(answer));
    });
  }

  detach(member, why) {
    this.#inTurn(() => this.#remove(member, why));
  }

  // Called in turn.

  #accept(member, command, reply) {
    if (!this.#present.has(member)) return;
    const nowMs = this.#clock();
    const changes = isChanging(this.#limits, command);
    const data = changes ? encodeDone(member, nowMs, command) : NOTHING;
    const refusal = this.#refusedBy(() => {
      this.#pace.check(member, nowMs);
      this.#checkWaiting(member, data.length);
    });
    if (refusal === null) {
      const received = { member, command, data, reply };
      this.#enqueue(member, changes ? command.room : null, () => this.#begin(received));
    } else if (command.type !== "typing") {
      this.#enqueue(member, null, () => reply(refused(command.id, refusal)));
    }
  }

  /** Bound what waits for the journal, as `queue_bytes` bounds what waits for the client. */
  #checkWaiting(member, size) {
    const peer = this.#peers.get(member);
    if (peer.waitingBytes + size > this.#limits.queue_bytes) {
      throw new Refused("too_fast", "the journal has not kept your last commands yet");
    }
    peer.waitingBytes += size;
  }

  #refusedBy(/** @type {() => void} */ check) {
    try {
      check();
      return null;
    } catch (refusal) {
      if (refusal instanceof Refused) return refusal;
      throw refusal;
    }
  }

  #enqueue(member, /** @type {string | null} */ room, /** @type {() => void} */ run) {
    if (this.#node.isOut()) return;
    this.#peers.get(member).queue.push({ room, run });
    this.#proceed(member);
  }

  /** Begin what waits of a connection, as far as its order allows. */
  #proceed(member) {
    while (this.#peers.get(member)?.isReady) this.#peers.get(member).queue.shift().run();
  }

  #begin(/** @type {Received} */ received) {
    const { member, command, data, reply } = received;
    if (command.type === "rooms") return this.#list(received);
    if (data.length === 0 || this.#isRefusedHere(member, command)) {
      this.#release(received);
      return this.#carryOut(member, this.#ask(member, command), reply);
    }
    if (command.type === "join" && this.#isInTooMany(member, command.room)) {
      this.#release(received);
      const most = `at most ${this.#limits.rooms_per_connection}`;
      return reply(refused(command.id, new Refused("too_many_rooms", most)));
    }
    this.#send(received);
  }

  /** Whether the member's presence decides, and nothing on its way can change that. */
  #isRefusedHere(member, { type, room }) {
    if (this.#peers.get(member).pending > 0) return false;
    const isInside = this.#node.rooms.get(room)?.isInside(member) ?? false;
    return isInside === (type === "join");
  }

  #isInTooMany(member, room) {
    const others = this.#present.roomsOf(member).filter((each) => each !== room);
    return others.length >= this.#limits.rooms_per_connection;
  }

  /** What a command does that changes no room. */
  #ask(member, command) {
    const room = this.#node.rooms.get(command.room);
    if (room === undefined) return this.#rooms.apply(member, command, 0);
    const effects = room.ask(member, command);
    if (command.type === "typing") {
      for (const { event } of effects) this.#node.tellTyping(room, event.name);
    }
    return effects;
  }

  #carryOut(member, effects, reply) {
    this.#pace.charge(member, entriesIn(effects));
    for (const effect of effects) this.#present.carryOut(member, effect, reply);
  }

  #send(/** @type {Received} */ received) {
    const { member, command, data } = received;
    this.#lastToken += 1;
    const token = this.#lastToken;
    this.#sent.set(token, received);
    this.#sentTo.set(command.room, (this.#sentTo.get(command.room) ?? 0) + 1);
    const peer = this.#peers.get(member);
    peer.pending += 1;
    peer.room = command.room;
    this.#node.append({ kind: command.type, room: command.room, member, token, data });
  }

  #list(/** @type {Received} */ received) {
    const { member, command, reply } = received;
    const peer = this.#peers.get(member);
    peer.pending += 1;
    peer.room = null;
    const most = Math.min(command.limit ?? Infinity, this.#limits.page_rooms);
    this.#node.listRooms(command.after, most + 1, (rooms) => {
      const more = rooms.length > most;
      const event = { type: "listing", id: command.id, rooms: rooms.slice(0, most), more };
      this.#inTurn(() => this.#carryOut(member, [{ kind: "reply", event }], reply));
      this.#inTurn(() => this.#settle(received, null));
    });
  }

  /** A command is done that was on its way. */
  #settle(/** @type {Received} */ received, /** @type {string | null} */ room) {
    this.#release(received);
    if (room !== null) {
      const left = this.#sentTo.get(room) - 1;
      if (left === 0) this.#sentTo.delete(room);
      else this.#sentTo.set(room, left);
    }
    const peer = this.#peers.get(received.member);
    if (peer === undefined) return;
    peer.pending -= 1;
    this.#proceed(received.member);
  }

  #release({ member, data }) {
    const peer = this.#peers.get(member);
    if (peer !== undefined) peer.waitingBytes -= data.length;
  }

  /** End the connection at once. Its rooms learn of it when the entry comes back. */
  #remove(member, why) {
    if (!this.#present.has(member)) return;
    const rooms = new Set(this.#present.roomsOf(member));
    const { pending, room: onItsWay } = this.#peers.get(member);
    if (pending > 0 && onItsWay !== null) rooms.add(onItsWay);
    this.#peers.delete(member);
    this.#present.detach(member);
    this.#pace.forget(member);
    const data = encodeGone(member, why);
    for (const room of rooms) this.#node.append({ kind: "gone", room, member, token: 0, data });
    this.#node.drop(rooms);
  }

  // Called by the node: see `Place`.

  fail(error) {
    this.#onFailure(error);
  }

  take(room, stored) {
    const isOurs = stored.origin === this.#start;
    const received = isOurs ? this.#sent.get(stored.token) : undefined;
    if (received !== undefined) this.#sent.delete(stored.token);
    const { noops } = room;
    const { entry, effects } = room.apply(stored);
    const { member, why } = entry;
    const isEnd = why !== undefined;
    if (!isOurs && isEnd && this.#present.has(member)) throw new JournalError(LOST_LEASE);
    this.#inTurn(() => {
      // A room that is read again has old entries of connections that are still here.
      const seen = received ? effects : effects.filter(({ kind }) => kind === "broadcast");
      this.#carryOut(member, seen, received?.reply ?? noReply);
    });
    if (received !== undefined) this.#inTurn(() => this.#settle(received, room.name));
    if (room.noops > noops && (received !== undefined || isEnd)) {
      this.#node.append(report(room, member));
    }
  }

  awaits({ token }) {
    return this.#sent.has(token);
  }

  refused({ token, room }, /** @type {string} */ why) {
    const received = this.#sent.get(token);
    if (received === undefined) return;
    this.#sent.delete(token);
    this.#inTurn(() => this.#refuseSent(received, why));
    this.#inTurn(() => this.#settle(received, room));
  }

  #refuseSent({ member, command, reply }, why) {
    if (why === "out") return this.#carryOut(member, this.#rooms.apply(member, command, 0), reply);
    const reason = why === "space" ? FULL : `at most ${this.#limits.rooms} rooms`;
    const event = refused(command.id, new Refused("server_full", reason));
    this.#present.carryOut(member, { kind: "reply", event }, reply);
  }

  needs(/** @type {string} */ room) {
    return this.#present.isIn(room) || this.#sentTo.has(room);
  }

  typing(/** @type {string} */ room, /** @type {string} */ name) {
    const event = { type: "typing", room, name };
    const effect = { kind: "broadcast", room, event, skip: null };
    this.#inTurn(() => this.#present.carryOut(0, effect, noReply));
  }
}

function refused(id, /** @type {Refused} */ { code, message: reason }) {
  return { type: "refused", id, code, reason };
}
