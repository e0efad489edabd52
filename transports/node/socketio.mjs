/**
 * The server of `node-socketio*`, on `socket.io`. It uses the library's own rooms, acknowledgements
 * and volatile emits.
 *
 * The name of a Socket.IO event is the type of the command or room event, its argument is the
 * payload, and its acknowledgement is the reply.
 */

import { Server } from "socket.io";
import { WebSocketServer } from "ws";

import { watchBacklog } from "./backlog.mjs";
import { NAMES, convert, read } from "./commands.mjs";
import { watchClose } from "./close.mjs";
import { chosen, deflated, gzipped } from "./compression.mjs";
import { pacePosts, readLittle } from "./fairness.mjs";
import { admit } from "./guard.mjs";
import { queryOf } from "./query.mjs";
import { endRepeated } from "./repeats.mjs";
import { pageReplays } from "./replay_pages.mjs";
import { ChatService, newRooms } from "./service.mjs";

/** The library answers other methods with 500. With allowed Origins it also answers OPTIONS. */
const METHODS = ["GET", "POST"];
const TOO_LARGE = 413; // RFC 9110 section 15.5.14

/** The default of socket.io. */
const STOCK_HEARTBEAT = { interval_s: 25, timeout_s: 20 };

/**
 * Serve the chat on `http`.
 *
 * @param {import("node:http").Server} http
 * @param {import("./main.mjs").Config} config
 */
export async function serve(http, config) {
  const { interval_s: intervalS, timeout_s: timeoutS } = heartbeatOf(config.options);
  const settings = await settingsOf(config);
  http.on("request", (_request, response) => response.writeHead(404).end());
  // Ends a connection whose client does not read. A living client reads a heartbeat within this.
  http.setTimeout((intervalS + timeoutS) * 1000);
  const io = new Server(http, settings);
  const endIfRepeated = config.options.settings === "equal" ? endRepeated(io.engine) : () => {};
  const waits = pacePosts(io.engine);
  const methods = config.options.origins === null ? METHODS : [...METHODS, "OPTIONS"];
  admit(http, "request", (request, response) => {
    // The library uses this instead of reading the query, of which it takes the last of a name.
    request._query = queryOf(request.url);
    // Without a session the library answers 400, which is right.
    if (!methods.includes(request.method) && request._query.sid !== undefined) {
      response.writeHead(405, { Allow: methods.join(", ") }).end();
      return false;
    }
    // A POST waits until the packets of the one before are handled. Then this event comes again.
    if (waits(request, () => http.emit("request", request, response))) return false;
    endSessionOfTooLarge(io, request, response);
    endIfRepeated(request);
    return true;
  });
  admit(http, "upgrade", (request, socket) => {
    request._query = queryOf(request.url);
    readLittle(socket);
    return true;
  });
  return new SocketioServer(io, config);
}

/**
 * End the session whose body passes the bound, as a frame past the bound ends it. The library only
 * answers 413: its own client then leaves the session, but python-socketio's client stays.
 */
function endSessionOfTooLarge(io, request, response) {
  if (request.method !== "POST") return;
  response.once("finish", () => {
    if (response.statusCode === TOO_LARGE) io.engine.clients[request._query.sid]?.close();
  });
}

function heartbeatOf({ settings, heartbeat }) {
  return settings === "equal" ? heartbeat : STOCK_HEARTBEAT;
}

export async function settingsOf(config) {
  const { transports, options, limits, close_timeout_s: closeTimeoutS } = config;
  const { Decoder, Encoder } = await import(`./${config.parser}.mjs`);
  const { origins } = options;
  const compression = chosen(options);
  const { interval_s: intervalS, timeout_s: timeoutS } = heartbeatOf(options);
  return {
    transports,
    parser: { Decoder, Encoder },
    wsEngine: closingWithin(closeTimeoutS * 1000),
    allowUpgrades: transports.includes("websocket"),
    maxHttpBufferSize: limits.frame_bytes,
    pingInterval: intervalS * 1000,
    pingTimeout: timeoutS * 1000,
    ...(origins !== null && { cors: { origin: origins } }),
    ...deflated(compression),
    ...gzipped(compression),
  };
}

/** `ws` with this time for the answer to a close frame, instead of its own 30 s. */
function closingWithin(/** @type {number} */ closeTimeout) {
  return class extends WebSocketServer {
    constructor(options) {
      super({ ...options, closeTimeout });
    }
  };
}

class SocketioServer {
  #io;
  #chat;
  #queueBytes;
  #closeTimeoutMs;
  #pagesReplays;
  /** @type {Map<number, import("socket.io").Socket>} */
  #sockets = new Map();
  /** How a replay is sent to each. @type {Map<number, (send: () => void) => void>} */
  #replays = new Map();

  constructor(/** @type {Server} */ io, { options, limits, joined, close_timeout_s: closeTimeoutS }) {
    this.#io = io;
    this.#chat = joined?.serving(this) ?? new ChatService(newRooms(limits), this);
    this.#queueBytes = limits.queue_bytes;
    this.#closeTimeoutMs = closeTimeoutS * 1000;
    this.#pagesReplays = options.settings === "stock";
    io.on("connection", (socket) => this.#connected(socket));
  }

  /** How many Engine.IO sessions there are. */
  get sessions() {
    return this.#io.engine.clientsCount;
  }

  /** Close all connections. */
  close() {
    this.#io.close();
  }

  // Called by socket.io.

  #connected(/** @type {import("socket.io").Socket} */ socket) {
    const member = this.#chat.attach();
    this.#sockets.set(member, socket);
    // Before `watchBacklog`, which must count the payload after this has split it.
    if (this.#pagesReplays) this.#replays.set(member, pageReplays(socket.conn));
    const closedInOrder = watchClose(socket.conn);
    watchBacklog(socket.conn, this.#queueBytes, () => this.#drop(member, socket.conn));
    for (const name of NAMES) {
      socket.on(name, (...parts) => this.#command(member, name, parts));
    }
    socket.onAny((name, ...parts) => {
      if (!NAMES.includes(name)) this.#command(member, name, parts);
    });
    socket.on("disconnect", (reason) => {
      this.#chat.detach(member, closedInOrder(reason) ? "closed" : "lost");
      this.#sockets.delete(member);
      this.#replays.delete(member);
      socket.conn.close(); // a session without its namespace has no use
    });
  }

  /** Handle one event. If the client wants an acknowledgement, its last argument is a function. */
  #command(member, name, parts) {
    const ack = parts.at(-1);
    const answer = ({ id: _id, ...reply }) => typeof ack === "function" && ack(reply);
    const { command, refusal } = read(() => convert(name, parts[0], 0));
    if (refusal) this.#chat.refuse(member, refusal, answer);
    else this.#chat.receive(member, command, answer);
  }

  /** End a connection at once. A close packet would wait behind the bytes that the client leaves. */
  #drop(member, connection) {
    this.#chat.detach(member, "slow_consumer");
    const { transport } = connection;
    // Not now: the library is still sending to this connection.
    process.nextTick(() => connection.close(true));
    setTimeout(() => transport.socket?.terminate(), this.#closeTimeoutMs).unref();
  }

  // Called by the room.

  enter(member, room) {
    this.#sockets.get(member)?.join(own(room));
  }

  exit(member, room) {
    this.#sockets.get(member)?.leave(own(room));
  }

  broadcast(room, { type, ...payload }, skip) {
    let to = this.#io.to(own(room));
    if (skip !== null) to = to.except(this.#sockets.get(skip).id);
    if (type === "typing") to = to.volatile;
    to.emit(type, payload);
  }

  deliver(member, events) {
    const socket = this.#sockets.get(member);
    const send = () => {
      for (const { type, ...payload } of events) socket?.emit(type, payload);
    };
    (this.#replays.get(member) ?? atOnce)(send);
  }
}

function atOnce(/** @type {() => void} */ send) {
  send();
}

/** A chat room's name in Socket.IO, which also has a room named after each socket. */
export function own(/** @type {string} */ room) {
  return `room ${room}`;
}
