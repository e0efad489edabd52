import { WebSocketServer } from "ws";

const PORT = process.env.PORT ?? 3000;

const server = new WebSocketServer({ port: PORT, host: "127.0.0.1" });

server.on("connection", (socket) => {
  socket.on("message", (data) => {
    socket.send(data);
  });
});
