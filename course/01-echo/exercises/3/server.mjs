import { WebSocketServer } from "ws";

const PORT = process.env.PORT ?? 3000;

const server = new WebSocketServer({ port: PORT, host: "127.0.0.1", maxPayload: 1000 });

server.on("connection", (socket) => {
  // A message that is too long is an error of this connection, and of no other one.
  socket.on("error", (error) => console.error(error.message));

  // `data` is a Buffer, for a text too: `isBinary` says what the client has sent.
  socket.on("message", (data, isBinary) => {
    socket.send(data, { binary: isBinary });
  });
});
