import { WebSocketServer } from "ws";

const PORT = process.env.PORT ?? 3000;

const server = new WebSocketServer({ port: PORT, host: "127.0.0.1" });

server.on("connection", (socket) => {
  const count = () => console.log(`${server.clients.size} connected`);
  count();
  socket.on("close", count);
  socket.on("error", () => {}); // `close` follows.
  socket.on("message", (data, isBinary) => socket.send(data, { binary: isBinary }));
});
