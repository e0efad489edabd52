// An echo on the package `socket.io`. Prints its port.
import { createServer } from "node:http";
import { createRequire } from "node:module";

const require = createRequire(process.env.LAB_NODE_PACKAGES);
const { Server } = require("socket.io");

const http = createServer();
const io = new Server(http);
io.on("connection", (socket) => {
  socket.on("message", (...said) => socket.emit("message-back", ...said));
});
http.listen(0, "127.0.0.1", () => console.log(http.address().port));
