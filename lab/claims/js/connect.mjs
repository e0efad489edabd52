// Connects socket.io-client in Node: connect.mjs URL [OPTIONS as JSON]. Prints one object:
//   transports  the transports that the client knows, in its order
//   offered     the upgrades that the server's handshake offers
//   transport   the transport in use in the end; null without a connection
//   answered    whether the room answered on it
//   errors      the reasons of failed attempts, in order

import { createRequire } from "node:module";

const require = createRequire(process.env.LAB_NODE_PACKAGES);
const { io } = require("socket.io-client");
const [url, given] = process.argv.slice(2);
const ATTEMPTS = { reconnectionAttempts: 2, reconnectionDelay: 50, reconnectionDelayMax: 50 };

const options = { autoConnect: false, forceNew: true, ...ATTEMPTS, ...JSON.parse(given ?? "{}") };

const socket = io(url, options);
const errors = [];
const connected = new Promise((resolve) => {
  socket.on("connect", () => resolve(true));
  socket.on("connect_error", (error) => errors.push(error.message));
  socket.io.on("reconnect_failed", () => resolve(false));
});

socket.connect();
const engine = socket.io.engine;
const transports = [...engine.transports];
let offered = [];
// The client tries every transport that is offered and known, and takes it or gives it up.
const settled = new Promise((resolve) => {
  let left = Infinity;
  const givenUp = () => (left -= 1) <= 0 && resolve();
  engine.on("handshake", (open) => {
    offered = open.upgrades;
    left = offered.filter((name) => engine.transports.includes(name)).length;
    if (left === 0) resolve();
  });
  engine.on("upgradeError", givenUp);
  engine.on("upgrade", resolve);
});

const found = { transports, transport: null, answered: false };
if (await connected) {
  if (socket.io.engine === engine) await settled;
  const reply = await socket.timeout(10_000).emitWithAck("rooms", {});
  found.answered = reply.type === "listing";
  found.transport = socket.io.engine.transport.name;
}
console.log(JSON.stringify({ ...found, offered, errors }));
socket.disconnect();
