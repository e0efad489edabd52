// Node's servers and clients for the kept captures: `node peers.mjs ROLE OPTIONS-AS-JSON`.
// A server prints its port. A client joins, says each text, receives each answer, and ends.

import http from "node:http";
import { createRequire } from "node:module";
import { gzipSync } from "node:zlib";

const require = createRequire(new URL("../../transports/node/package.json", import.meta.url));
const [role, options] = [process.argv[2], JSON.parse(process.argv[3])];
const ANSWERS = { join: "joined", say: "said" };

const answer = ({ type, ...rest }) => ({ ...rest, type: ANSWERS[type] });
const commands = () => [
  { type: "join", id: 0, room: "r", name: "ann" },
  ...options.texts.map((text, n) => ({ type: "say", id: n + 1, room: "r", text })),
];

function listening(server) {
  server.listen(0, "127.0.0.1", () => console.log(server.address().port));
  process.stdin.resume().on("end", () => process.exit());
}

async function body(request) {
  const parts = [];
  for await (const part of request) parts.push(part);
  return Buffer.concat(parts);
}

const ROLES = {
  "serve-ws"() {
    const { WebSocketServer } = require("ws");
    const server = http.createServer();
    const sockets = new WebSocketServer({ server, perMessageDeflate: options.deflate });
    sockets.on("connection", (socket) => {
      socket.on("message", (data) => socket.send(JSON.stringify(answer(JSON.parse(data)))));
    });
    listening(server);
  },
  "serve-io"() {
    const { Server } = require("socket.io");
    const server = http.createServer();
    new Server(server, { perMessageDeflate: options.deflate, cors: { origin: "*" } }).on(
      "connection",
      (socket) => {
        for (const type of Object.keys(ANSWERS)) {
          socket.on(type, (command, reply) => reply(answer({ ...command, type })));
        }
      },
    );
    listening(server);
  },
  "serve-http"() {
    const server = http.createServer(async (request, response) => {
      const text = JSON.stringify(answer(JSON.parse(await body(request))));
      response.setHeader("Content-Encoding", "gzip");
      response.write(gzipSync(text));
      response.end();
    });
    listening(server);
  },
  async "talk-ws"() {
    const WebSocket = require("ws");
    const socket = new WebSocket(options.url, { perMessageDeflate: options.deflate });
    await new Promise((resolve) => socket.once("open", resolve));
    for (const command of commands()) {
      const text = JSON.stringify(command);
      const at = options.fragments ? text.length >> 1 : 0;
      if (at) socket.send(text.slice(0, at), { fin: false });
      if (at) socket.ping();
      socket.send(text.slice(at));
      await new Promise((resolve) => socket.once("message", resolve));
    }
    socket.close();
  },
  async "talk-io"() {
    const { io } = require("socket.io-client");
    const socket = io(options.url, { transports: options.transports, reconnection: false });
    await new Promise((resolve) => socket.once("connect", resolve));
    // python-socketio answers only after the upgrade.
    const { engine } = socket.io;
    const upgraded = engine.transport.name === "websocket" || !options.upgrade;
    if (!upgraded) await new Promise((resolve) => engine.once("upgrade", resolve));
    for (const { type, id, ...rest } of commands()) await socket.emitWithAck(type, rest);
    socket.disconnect();
  },
  async "talk-fetch"() {
    for (const command of commands()) {
      const response = await fetch(options.url, { method: "POST", body: JSON.stringify(command) });
      await response.json();
    }
  },
};

await ROLES[role]();
