/**
 * The wire `node-websocket`: one WebSocket text frame is one command or event in JSON, on `ws`.
 *
 * What Socket.IO's users get from their library is done here by hand: rooms, replies that find
 * their command, a bound on what waits for a slow reader, heartbeats, the rule for Origin.
 */

import { WebSocket, WebSocketServer } from "ws";

import { BadCommand, decode } from "./commands.mjs";
import { keepAlive } from "./heartbeat.mjs";
import { Membership } from "./membership.mjs";
import { allowed } from "./origin.mjs";
import { Rooms } from "./rooms.mjs";
import { ChatService } from "./service.mjs";

// RFC 6455 section 7.4.1.
const GOING_AWAY = 1001;
const UNSUPPORTED_DATA = 1003;
const NO_CLOSE_FRAME = 1006;
const POLICY_VIOLATION = 1008;

const TEXT = { binary: false };

/**
 * Serve the chat on `http`.
 *
 * @param {import("node:http").Server} http
 * @param {import("./main.mjs").Config} config
 */
export function serve(http, config) {
  const { options, limits, close_timeout_s: closeTimeoutS } = config;
  const server = new NativeServer(config);
  const wss = new WebSocketServer({
    noServer: true,
    clientTracking: false,
    maxPayload: limits.frame_bytes,
    closeTimeout: closeTimeoutS * 1000,
    ...(options.settings === "equal" && { perMessageDeflate: false }),
  });
  http.on("request", (_request, response) => {
    response.writeHead(426, { Connection: "Upgrade", Upgrade: "websocket" }).end();
  });
  http.on("upgrade", (request, socket, head) => {
    const { origin, host } = request.headers;
    if (!allowed(origin, host, options.origins)) return forbid(socket);
    wss.handleUpgrade(request, socket, head, (ws) => server.connected(ws));
  });
  return server;
}

class NativeServer {
  #chat;
  #heartbeat;
  #queueBytes;
  /** @type {Map<number, WebSocket>} */
  #connections = new Map();
  #membership = new Membership();

  constructor({ options, limits }) {
    this.#chat = new ChatService(new Rooms(limits), this);
    this.#heartbeat = options.settings === "equal" ? options.heartbeat : null;
    this.#queueBytes = limits.queue_bytes;
  }

  /** How many connections it holds. */
  get sessions() {
    return this.#connections.size;
  }

  /** Say goodbye to everybody. */
  goodbye() {
    for (const ws of this.#connections.values()) ws.close(GOING_AWAY);
  }

  // In: what `ws` calls.

  connected(/** @type {WebSocket} */ ws) {
    const member = this.#chat.attach();
    this.#connections.set(member, ws);
    if (this.#heartbeat !== null) keepAlive(ws, this.#heartbeat);
    ws.on("message", (data, isBinary) => this.#received(member, ws, data, isBinary));
    ws.on("error", () => {}); // `ws` answers with the code of the RFC; then comes "close"
    ws.on("close", (code) => {
      this.#connections.delete(member);
      this.#chat.detach(member, code === NO_CLOSE_FRAME ? "lost" : "closed");
    });
  }

  #received(member, ws, data, isBinary) {
    if (ws.readyState !== WebSocket.OPEN) return; // it is being sent away
    if (isBinary) return ws.close(UNSUPPORTED_DATA, "text frames only");
    try {
      this.#chat.receive(member, decode(data.toString()), (event) => this.#send([member], event));
    } catch (error) {
      if (!(error instanceof BadCommand)) throw error;
      this.#send([member], error.refusal);
    }
  }

  // Out: what the room calls.

  enter(member, room) {
    this.#membership.enter(member, room);
  }

  exit(member, room) {
    this.#membership.exit(member, room);
  }

  broadcast(room, event, skip) {
    this.#send(this.#membership.in(room), event, skip);
  }

  deliver(member, events) {
    for (const event of events) this.#send([member], event);
  }

  /** One text for all of them: `ws` puts a header of two to ten bytes before it for each. */
  #send(members, event, skip = null) {
    const text = Buffer.from(JSON.stringify(event));
    for (const member of members) {
      const ws = this.#connections.get(member);
      if (member === skip || ws?.readyState !== WebSocket.OPEN) continue;
      ws.send(text, TEXT);
      if (ws.bufferedAmount > this.#queueBytes) this.#drop(member, ws);
    }
  }

  #drop(member, ws) {
    this.#chat.detach(member, "slow_consumer");
    ws.close(POLICY_VIOLATION, "slow_consumer");
  }
}

function forbid(/** @type {import("node:net").Socket} */ socket) {
  const body = "this Origin is not allowed\n";
  socket.on("error", () => {});
  socket.end(
    "HTTP/1.1 403 Forbidden\r\nConnection: close\r\nContent-Type: text/plain\r\n" +
      `Content-Length: ${body.length}\r\n\r\n${body}`,
  );
}
