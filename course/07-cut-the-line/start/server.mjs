import { createServer } from "node:http";
import { Server } from "socket.io";

const PORT = process.env.PORT ?? 3000;

const PAGES = ["http://localhost:5173"];

// A client without an Origin is no page: there is nobody to protect from it.
const mayEnter = (origin) => origin === undefined || PAGES.includes(origin);

const http = createServer();
const io = new Server(http, {
  cors: { origin: PAGES },
  allowRequest: ({ headers }, answer) => answer(null, mayEnter(headers.origin)),
});

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
