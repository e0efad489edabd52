// What socket.io and socket.io-client do about events of an interrupted connection: interrupted.mjs.
// Prints one object for each case:
//   case       which one
//   sent       the texts that were sent, in order
//   heard      the texts that arrived, in order
//   recovered  whether the client found its session again (Socket.IO's own word)

import { createServer } from "node:http";
import { createRequire } from "node:module";
import { once } from "node:events";
import { setTimeout as sleep } from "node:timers/promises";
import { cuttableRoute } from "./cuttable_route.mjs";

const require = createRequire(process.env.LAB_NODE_PACKAGES);
const { Server } = require("socket.io");
const { io: connect } = require("socket.io-client");

const FEW = 10;
const LAST = "the last";
const ROOM = "room";
const AGAIN_MS = 50;
const ACK_MS = 5_000; // a reconnect sends again at once, without waiting for it
const WINDOW_MS = 200;

const texts = () => Array.from({ length: FEW }, (_, number) => `number ${number}`);

// A server that keeps the texts it hears, a route to it, and a client that reconnects by itself.
async function withClient(recovery, options, play) {
  const http = createServer();
  const server = new Server(http, recovery ? { connectionStateRecovery: recovery } : {});
  const atServer = [];
  const atClient = [];
  server.on("connection", (socket) => {
    socket.join(ROOM);
    socket.on("text", (text, acknowledge) => {
      atServer.push(text);
      acknowledge?.();
    });
  });
  http.listen(0, "127.0.0.1");
  await once(http, "listening");
  const route = await cuttableRoute(http.address().port);
  const client = connect(`http://127.0.0.1:${route.port}`, {
    transports: ["websocket"],
    reconnectionDelay: AGAIN_MS,
    reconnectionDelayMax: AGAIN_MS,
    ...options,
  });
  client.on("text", (text) => atClient.push(text));
  await arrives(client, "connect");
  try {
    return await play({ server, route, client, atServer, atClient });
  } finally {
    client.disconnect();
    await server.close();
    await route.close();
  }
}

const arrives = (emitter, name) => new Promise((resolve) => emitter.once(name, resolve));

async function hears(client, list, text) {
  while (!list.includes(text)) await arrives(client, "text");
}

// Client to server: the texts are emitted while the client knows that it is disconnected.
async function buffered({ route, client, atServer }) {
  const sent = [...texts(), LAST];
  const gone = arrives(client, "disconnect");
  route.cut();
  await gone;
  for (const text of texts()) client.emit("text", text);
  const back = arrives(client, "connect");
  route.reopen();
  await back;
  await client.emitWithAck("text", LAST);
  return { sent, heard: atServer };
}

// Client to server, with `retries`: one direction carries nothing, and then the connection is cut.
async function retried({ server, route, client, atServer }, direction) {
  const sent = [...texts(), LAST];
  const [peer] = server.sockets.sockets.values();
  route.stall(direction);
  const answers = sent.map((text) => client.emitWithAck("text", text));
  if (direction === "down") await once(peer, "text"); // it has arrived, and its answer has not
  const gone = arrives(client, "disconnect");
  route.cut();
  await gone;
  route.reopen();
  await Promise.all(answers);
  return { sent, heard: atServer };
}

// Server to client: half of the texts go to a dead connection, half while the client is away.
async function away({ server, route, client, atClient }, { before, awayMs = 0 }) {
  const sent = [...(before ? ["the first"] : []), ...texts(), LAST];
  if (before) {
    server.to(ROOM).emit("text", sent[0]);
    await hears(client, atClient, sent[0]);
  }
  const [peer] = server.sockets.sockets.values();
  const noticed = arrives(peer, "disconnect");
  const say = (some) => some.forEach((text) => server.to(ROOM).emit("text", text));
  route.stall("down");
  say(texts().slice(0, FEW / 2));
  route.cut();
  await noticed;
  say(texts().slice(FEW / 2));
  await sleep(awayMs);
  const back = arrives(client, "connect");
  route.reopen();
  await back;
  server.to(ROOM).emit("text", LAST);
  await hears(client, atClient, LAST);
  return { sent, heard: atClient, recovered: client.recovered };
}

const RETRYING = { retries: 3, ackTimeout: ACK_MS };
const LONG = { maxDisconnectionDuration: 60_000 };
const SHORT = { maxDisconnectionDuration: WINDOW_MS };
const CASES = {
  buffered: [null, {}, buffered],
  "retried, request lost": [null, RETRYING, (there) => retried(there, "up")],
  "retried, answer lost": [null, RETRYING, (there) => retried(there, "down")],
  away: [null, {}, (there) => away(there, { before: true })],
  "away, recovery within its window": [LONG, {}, (there) => away(there, { before: true })],
  "away, recovery past its window": [
    SHORT,
    {},
    (there) => away(there, { before: true, awayMs: 2 * WINDOW_MS }),
  ],
  "away, recovery without an earlier event": [LONG, {}, (there) => away(there, { before: false })],
};

for (const [name, [recovery, options, play]] of Object.entries(CASES)) {
  const seen = await withClient(recovery, options, play);
  console.log(JSON.stringify({ case: name, recovered: false, ...seen }));
}
