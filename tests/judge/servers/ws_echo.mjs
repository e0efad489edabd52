// An echo on the package `ws`, as its README has it. Prints its port.
import { createRequire } from "node:module";

const require = createRequire(process.env.LAB_NODE_PACKAGES);
const { WebSocketServer } = require("ws");

const server = new WebSocketServer({ host: "127.0.0.1", port: 0 });
server.on("connection", (socket) => {
  socket.on("error", () => {});
  socket.on("message", (data, isBinary) => socket.send(data, { binary: isBinary }));
});
server.on("listening", () => console.log(server.address().port));
