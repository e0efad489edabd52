/**
 * One node of a cluster on `socket.io`, joined to the others by one of the library's adapters for
 * Redis. It has the library's own rooms and emits, as its users write them, and not the room of
 * docs/room.md: `transports/_cluster` says what is missing.
 */

import { createAdapter as createPubsub } from "@socket.io/redis-adapter";
import { createAdapter as createStreams } from "@socket.io/redis-streams-adapter";
import { createClient } from "redis";
import { Server } from "socket.io";
import { Adapter } from "socket.io-adapter";

import { watchBacklog } from "./backlog.mjs";
import { NAMES, convert, read } from "./commands.mjs";
import { own, settingsOf } from "./socketio.mjs";

/**
 * Serve one node on `http`.
 *
 * @param {import("node:http").Server} http
 * @param {import("./main.mjs").Config} config
 */
export async function serve(http, config) {
  const { adapter, url } = config.backplane;
  const counts = { members: 0, deliveries: 0, reads: 0, read_bytes: 0, concerned: 0 };
  const emitted = new WeakSet();
  countBroadcasts(counts, emitted);
  const io = new Server(http, {
    ...(await settingsOf(config)),
    adapter: await ADAPTERS[adapter](await connected(createClient({ url })), counts),
  });
  return new Node(io, counts, emitted, config.limits.queue_bytes);
}

const ADAPTERS = {
  async pubsub(client, counts) {
    const subscribed = await connected(client.duplicate());
    const pSubscribe = subscribed.pSubscribe.bind(subscribed);
    subscribed.pSubscribe = (pattern, listener, ...rest) =>
      pSubscribe(
        pattern,
        (message, channel) => {
          counts.reads += 1;
          counts.read_bytes += message.length;
          listener(message, channel);
        },
        ...rest,
      );
    return createPubsub(client, subscribed);
  },

  async streams(client, counts) {
    const duplicate = client.duplicate.bind(client);
    client.duplicate = () => countingReads(duplicate(), counts);
    return createStreams(client);
  },
};

async function connected(client) {
  // Without a listener an error ends the process; the client connects again by itself.
  client.on("error", () => {});
  return client.connect();
}

function countingReads(client, counts) {
  const xRead = client.xRead.bind(client);
  client.xRead = async (...request) => {
    const found = await xRead(...request);
    for (const { messages } of found ?? []) {
      for (const { message } of messages) {
        if (!message.data) continue; // a heartbeat of a node
        counts.reads += 1;
        counts.read_bytes += message.data.length;
      }
    }
    return found;
  };
  return client;
}

/**
 * Count what reaches members, where the adapters give each broadcast to the library.
 *
 * @param {WeakSet<object>} emitted the events that this node has emitted: the others it has read
 */
function countBroadcasts(counts, emitted) {
  const broadcast = Adapter.prototype.broadcast;
  Adapter.prototype.broadcast = function (packet, options) {
    let here = 0;
    for (const room of options.rooms) {
      const members = this.rooms.get(room) ?? new Set();
      here += members.size;
      for (const id of options.except) if (members.has(id)) here -= 1;
    }
    counts.deliveries += here;
    if (here > 0 && !emitted.has(packet.data[1])) counts.concerned += 1;
    return broadcast.call(this, packet, options);
  };
}

class Node {
  #io;
  #counts;
  /** Room -> id of the socket -> name, of the members at this node. */
  #names = new Map();
  /** Room -> the last number that this node has given. */
  #last = new Map();
  #emitted;

  constructor(/** @type {Server} */ io, counts, emitted, queueBytes) {
    this.#io = io;
    this.#counts = counts;
    this.#emitted = emitted;
    io.on("connection", (socket) => {
      watchBacklog(socket.conn, queueBytes, () => process.nextTick(() => socket.conn.close(true)));
      for (const name of NAMES) {
        socket.on(name, (...parts) => this.#command(socket, name, parts));
      }
      socket.on("disconnecting", (reason) => this.#disconnecting(socket, reason));
    });
  }

  get sessions() {
    return this.#io.engine.clientsCount;
  }

  get counts() {
    let members = 0;
    for (const names of this.#names.values()) members += names.size;
    return { ...this.#counts, members };
  }

  close() {
    this.#io.close();
  }

  #command(socket, name, parts) {
    const ack = parts.at(-1);
    const { command, refusal } = read(() => convert(name, parts[0], 0));
    const { id: _id, ...reply } = refusal ?? this.#apply(socket, command) ?? {};
    if (typeof ack === "function") ack(reply);
  }

  #apply(socket, { type, room, name, text }) {
    const known = this.#names.get(room)?.get(socket.id);
    if (type === "history" || type === "rooms") {
      return refused("unknown_command", "this transport has no log and no list of rooms");
    }
    if (type === "join") {
      if (known !== undefined) return refused("already_in_room", `already in '${room}'`);
      return this.#join(socket, room, name);
    }
    if (type === "typing") {
      if (known !== undefined) {
        this.#emit(socket.volatile, "typing", { room, name: known });
      }
      return null;
    }
    if (known === undefined) return refused("not_in_room", `join '${room}' first`);
    if (type === "leave") return this.#leave(socket, room, "left");
    const [seq, at] = [this.#next(room), Date.now()];
    this.#emit(this.#io, "message", { room, seq, name: known, text, at });
    return { type: "said", room, seq, at };
  }

  #join(socket, room, name) {
    const seq = this.#next(room);
    if (!this.#names.has(room)) this.#names.set(room, new Map());
    const names = this.#names.get(room).set(socket.id, name);
    socket.join(own(room));
    this.#emit(socket, "arrived", { room, name, seq });
    return { type: "joined", room, name, members: [...names.values()], seq, truncated: false };
  }

  #leave(socket, room, why) {
    const names = this.#names.get(room);
    const name = names.get(socket.id);
    names.delete(socket.id);
    if (names.size === 0) this.#names.delete(room);
    socket.leave(own(room));
    this.#emit(socket, "departed", { room, name, seq: this.#next(room), why });
    return { type: "left", room };
  }

  #disconnecting(socket, reason) {
    const why = reason === "client namespace disconnect" ? "closed" : "lost";
    for (const [room, names] of this.#names) {
      if (names.has(socket.id)) this.#leave(socket, room, why);
    }
  }

  #next(room) {
    this.#last.set(room, (this.#last.get(room) ?? 0) + 1);
    return this.#last.get(room);
  }

  #emit(from, type, event) {
    this.#emitted.add(event);
    from.to(own(event.room)).emit(type, event);
  }
}

function refused(code, reason) {
  return { type: "refused", id: 0, code, reason };
}
