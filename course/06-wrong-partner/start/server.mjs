import { createServer } from "node:http";
import { Server } from "socket.io";

const PORT = process.env.PORT ?? 3000;

const http = createServer();
const io = new Server(http);

io.on("connection", (socket) => {
  socket.on("join", ({ room, name }, answer) => {
    socket.join(room);
    socket.data.name = name;
    answer({ type: "joined", room, name });
  });

  socket.on("say", ({ room, text }, answer) => {
    io.to(room).emit("message", { room, name: socket.data.name, text });
    answer({ type: "said", room });
  });
});

http.listen(PORT, "127.0.0.1");
