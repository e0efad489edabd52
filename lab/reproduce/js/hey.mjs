// How many messages of 3 bytes a server of `ws` sends in a loop: hey.mjs plain|deflated COUNT
// A second process is the client. Prints one object:
//   sent_per_s       calls of send() per second, which is what websockets/ws issue 756 counts
//   delivered_per_s  messages that the client received per second
//   bytes            bytes on the wire of one message, headers of frames included

import { fork } from "node:child_process";
import { createRequire } from "node:module";
import { fileURLToPath } from "node:url";

const require = createRequire(process.env.LAB_NODE_PACKAGES);
const { WebSocket, WebSocketServer } = require("ws");

const [compression, count] = [process.argv[2], Number(process.argv[3])];

function receive(url) {
  let left = count;
  const socket = new WebSocket(url, { perMessageDeflate: compression === "deflated" });
  socket.on("message", () => {
    if (--left) return;
    process.send("all", () => process.disconnect());
    socket.close();
  });
}

function serve() {
  const server = new WebSocketServer({
    host: "127.0.0.1",
    port: 0,
    perMessageDeflate: compression === "deflated",
  });
  server.on("listening", () => {
    const url = `ws://127.0.0.1:${server.address().port}/`;
    const client = fork(fileURLToPath(import.meta.url), [compression, String(count), url]);
    server.on("connection", (socket, request) => say(server, socket, request.socket, client));
  });
}

function say(server, socket, tcp, client) {
  const begun = performance.now();
  const headBytes = tcp.bytesWritten;
  let [said, saidAt] = [0, 0];
  client.on("message", () => {
    const seconds = (until) => (until - begun) / 1000;
    const figures = {
      sent_per_s: count / seconds(saidAt),
      delivered_per_s: count / seconds(performance.now()),
      bytes: (tcp.bytesWritten - headBytes) / count,
    };
    console.log(JSON.stringify(figures));
    server.close();
  });
  const next = () => {
    socket.send("hey");
    if (++said < count) setImmediate(next);
    else saidAt = performance.now();
  };
  setImmediate(next);
}

if (process.argv[4]) receive(process.argv[4]);
else serve();
