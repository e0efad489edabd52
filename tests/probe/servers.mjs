// Servers as their libraries' documents show them: `node servers.mjs` prints their ports as JSON.
// They end with stdin.

import http from "node:http";
import { createRequire } from "node:module";

const require = createRequire(new URL("../../transports/node/package.json", import.meta.url));
const { Server } = require("socket.io");
const { WebSocketServer } = require("ws");

const page = (_, response) => response.end("<h1>Hello world</h1>");

// Socket.IO, "Get started": a chat that broadcasts what anyone says.
function getStarted() {
  const server = http.createServer(page);
  const io = new Server(server);
  io.on("connection", (socket) => {
    socket.on("chat message", (message) => io.emit("chat message", message));
  });
  return server;
}

// With what an installation may add: older clients, CORS, a cookie, a namespace with a token.
function furnished() {
  const server = http.createServer(page);
  const io = new Server(server, {
    path: "/live/",
    allowEIO3: true,
    cookie: { name: "AWSALB", path: "/" },
    cors: { origin: true, credentials: true },
    maxHttpBufferSize: 5e5,
    perMessageDeflate: true,
    pingInterval: 10000,
    pingTimeout: 5000,
  });
  io.engine.on("headers", (headers) => Object.assign(headers, { Via: "1.1 proxy" }));
  io.on("connection", (socket) => socket.emit("welcome", "hi"));
  io.of("/admin").use(({ handshake: { auth } }, next) =>
    next(auth.token === "hunter22" ? undefined : new Error("token " + auth.token)),
  );
  return server;
}

// WebSocket alone.
function onlyWebSocket() {
  const server = http.createServer(page);
  new Server(server, { transports: ["websocket"] });
  return server;
}

// Socket.IO, and nothing that answers other requests.
function deafToOthers() {
  const server = http.createServer();
  new Server(server);
  return server;
}

// Engine.IO without Socket.IO.
function engineAlone() {
  const server = http.createServer(page);
  require("engine.io").attach(server, { path: "/socket.io/" });
  return server;
}

// ws, "Simple server" with a heartbeat, compression and a subprotocol.
function echo() {
  const server = http.createServer(page);
  const sockets = new WebSocketServer({
    server,
    path: "/echo",
    perMessageDeflate: true,
    handleProtocols: (offered) => (offered.has("mqtt") ? "mqtt" : false),
  });
  sockets.on("connection", (socket) => {
    socket.on("message", (data, binary) => socket.send(data, { binary }));
    socket.send("welcome");
    socket.send(Buffer.from([1, 2, 3]));
    socket.ping();
  });
  return server;
}

const ports = {};
for (const make of [getStarted, furnished, onlyWebSocket, deafToOthers, engineAlone, echo]) {
  const server = make();
  await new Promise((resolve) => server.listen(0, "127.0.0.1", resolve));
  ports[make.name] = server.address().port;
}
console.log(JSON.stringify(ports));
process.stdin.resume().on("end", () => process.exit());
