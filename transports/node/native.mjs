/**
 * The server of `node-websocket`, on `ws`: one text frame is one command or event in JSON.
 *
 * What a Socket.IO library does for its users is done here by hand: rooms, replies with the id of
 * their command, a bound on the bytes that wait for a slow client, and heartbeats.
 */

import { WebSocket, WebSocketServer } from "ws";

import { decode, read } from "./commands.mjs";
import { chosen, deflated } from "./compression.mjs";
import { readLittle } from "./fairness.mjs";
import { keepAlive } from "./heartbeat.mjs";
import { Membership } from "./membership.mjs";
import { ChatService, newRooms } from "./service.mjs";

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
    ...deflated(chosen(options)),
  });
  http.on("request", (_request, response) => {
    // This replaces Node's header, so it must say `close` too where Node closes (RFC 9112, 9.6).
    const connection = response.shouldKeepAlive ? "Upgrade" : "Upgrade, close";
    response.writeHead(426, { Connection: connection, Upgrade: "websocket" }).end();
  });
  http.on("upgrade", (request, socket, head) => {
    readLittle(socket);
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

  constructor({ options, limits, joined }) {
    this.#chat = joined?.serving(this) ?? new ChatService(newRooms(limits), this);
    this.#heartbeat = options.settings === "equal" ? options.heartbeat : null;
    this.#queueBytes = limits.queue_bytes;
  }

  /** How many connections it holds. */
  get sessions() {
    return this.#connections.size;
  }

  /** Close all connections. */
  close() {
    for (const ws of this.#connections.values()) ws.close(GOING_AWAY);
  }

  // Called by `ws`.

  connected(/** @type {WebSocket} */ ws) {
    const member = this.#chat.attach();
    this.#connections.set(member, ws);
    if (this.#heartbeat !== null) keepAlive(ws, this.#heartbeat);
    ws.on("message", (data, isBinary) => this.#received(member, ws, data, isBinary));
    // `ws` closes with the RFC's code and emits "close". Without this listener Node would throw.
    ws.on("error", () => {});
    ws.on("close", (code) => {
      this.#connections.delete(member);
      this.#chat.detach(member, code === NO_CLOSE_FRAME ? "lost" : "closed");
    });
  }

  #received(member, ws, data, isBinary) {
    if (ws.readyState !== WebSocket.OPEN) return; // the server is closing this connection
    if (isBinary) return ws.close(UNSUPPORTED_DATA, "text frames only");
    const answer = (event) => this.#send([member], event);
    const { command, refusal } = read(() => decode(data.toString()));
    if (refusal) this.#chat.refuse(member, refusal, answer);
    else this.#chat.receive(member, command, answer);
  }

  // Called by the room.

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

  /** Encode the event once for all members. For each, `ws` adds a frame header of 2 to 10 bytes. */
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
