/**
 * The wires `node-socketio*`: the room as an application on `socket.io`, with the library's own
 * rooms, acknowledgements and volatile emits.
 *
 * An event's name is the command's or event's type, its argument the payload, the reply is the
 * acknowledgement.
 */

import { Server } from "socket.io";

import { watchBacklog } from "./backlog.mjs";
import { BadCommand, NAMES, convert } from "./commands.mjs";
import { watchGoodbye } from "./goodbye.mjs";
import { allowed } from "./origin.mjs";
import { Rooms } from "./rooms.mjs";
import { ChatService } from "./service.mjs";

const TOO_LARGE = 413; // RFC 9110 section 15.5.14

/** What socket.io has unless it is told otherwise. */
const STOCK_HEARTBEAT = { interval_s: 25, timeout_s: 20 };

/**
 * Serve the chat on `http`.
 *
 * @param {import("node:http").Server} http
 * @param {import("./main.mjs").Config} config
 */
export function serve(http, config) {
  const { interval_s: intervalS, timeout_s: timeoutS } = heartbeatOf(config.options);
  http.on("request", (_request, response) => response.writeHead(404).end());
  // A response that nobody reads: no line of a living peer stands still for longer.
  http.setTimeout((intervalS + timeoutS) * 1000);
  const io = new Server(http, settingsOf(config));
  http.prependListener("request", (request, response) => endOversized(io, request, response));
  return new SocketioServer(io, config);
}

/**
 * A body past the bound ends its session, as a frame past it does. The library answers it and lets
 * the session be, which its own client then leaves; python-socketio's waits for its next poll.
 */
function endOversized(io, request, response) {
  if (request.method !== "POST") return;
  response.once("finish", () => {
    if (response.statusCode === TOO_LARGE) io.engine.clients[request._query?.sid]?.close();
  });
}

function heartbeatOf({ settings, heartbeat }) {
  return settings === "equal" ? heartbeat : STOCK_HEARTBEAT;
}

function settingsOf({ transports, options, limits }) {
  const { settings, origins } = options;
  const { interval_s: intervalS, timeout_s: timeoutS } = heartbeatOf(options);
  return {
    transports,
    allowUpgrades: transports.includes("websocket"),
    maxHttpBufferSize: limits.frame_bytes,
    pingInterval: intervalS * 1000,
    pingTimeout: timeoutS * 1000,
    allowRequest: ({ headers: { origin, host } }, answer) =>
      answer("this Origin is not allowed", allowed(origin, host, origins)),
    ...(origins !== null && { cors: { origin: origins } }),
    ...(settings === "equal" && { perMessageDeflate: false, httpCompression: false }),
  };
}

class SocketioServer {
  #io;
  #chat;
  #queueBytes;
  #closeTimeoutMs;
  /** @type {Map<number, import("socket.io").Socket>} */
  #sockets = new Map();

  constructor(/** @type {Server} */ io, { limits, close_timeout_s: closeTimeoutS }) {
    this.#io = io;
    this.#chat = new ChatService(new Rooms(limits), this);
    this.#queueBytes = limits.queue_bytes;
    this.#closeTimeoutMs = closeTimeoutS * 1000;
    io.on("connection", (socket) => this.#connected(socket));
  }

  /** How many Engine.IO sessions it holds. */
  get sessions() {
    return this.#io.engine.clientsCount;
  }

  /** Say goodbye to everybody. */
  goodbye() {
    this.#io.close();
  }

  // In: what socket.io calls.

  #connected(/** @type {import("socket.io").Socket} */ socket) {
    const member = this.#chat.attach();
    this.#sockets.set(member, socket);
    const saidGoodbye = watchGoodbye(socket.conn);
    watchBacklog(socket.conn, this.#queueBytes, () => this.#drop(member, socket.conn));
    for (const name of NAMES) {
      socket.on(name, (...parts) => this.#command(member, name, parts));
    }
    socket.onAny((name, ...parts) => {
      if (!NAMES.includes(name)) this.#command(member, name, parts);
    });
    socket.on("disconnect", (reason) => {
      this.#chat.detach(member, saidGoodbye(reason) ? "closed" : "lost");
      this.#sockets.delete(member);
      socket.conn.close(); // without its namespace a session is of no use
    });
  }

  /** Handle one event: its payload, and in the end its acknowledgement where one is asked for. */
  #command(member, name, parts) {
    const ack = parts.at(-1);
    const answer = ({ id: _id, ...reply }) => typeof ack === "function" && ack(reply);
    try {
      this.#chat.receive(member, convert(name, parts[0], 0), answer);
    } catch (error) {
      if (!(error instanceof BadCommand)) throw error;
      answer(error.refusal);
    }
  }

  /** End a connection at once: a goodbye would wait behind what the peer does not read. */
  #drop(member, connection) {
    this.#chat.detach(member, "slow_consumer");
    const { transport } = connection;
    // Not in the middle of the library's own sending.
    process.nextTick(() => connection.close(true));
    setTimeout(() => transport.socket?.terminate(), this.#closeTimeoutMs).unref();
  }

  // Out: what the room calls.

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
    for (const { type, ...payload } of events) this.#sockets.get(member)?.emit(type, payload);
  }
}

/** Socket.IO keeps a room called after each socket; a chat room must not be mistaken for one. */
function own(/** @type {string} */ room) {
  return `room ${room}`;
}
