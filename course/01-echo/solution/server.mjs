import { WebSocketServer } from "ws";

const PORT = process.env.PORT ?? 3000;

const server = new WebSocketServer({ port: PORT, host: "127.0.0.1" });

server.on("connection", (socket) => {
  // `data` is a Buffer, for a text too: `isBinary` says what the client has sent.
  socket.on("message", (data, isBinary) => {
    socket.send(data, { binary: isBinary });
  });
});
