import { createServer } from "node:http";
import { Server } from "socket.io";

const PORT = process.env.PORT ?? 3000;
const PAGE = "http://localhost:5173";

const http = createServer();
const io = new Server(http, { cors: { origin: PAGE } });
const { adapter, sockets } = io.of("/");

function names(room) {
  return [...adapter.rooms.get(room)].map((id) => sockets.get(id).data.name);
}

function list() {
  // Each socket is also in a room of its own, whose name is its id.
  const shared = [...adapter.rooms].filter(([room]) => !sockets.has(room));
  return shared.map(([room, ids]) => ({ room, members: ids.size }));
}

io.on("connection", (socket) => {
  socket.on("join", ({ room, name }, answer) => {
    socket.join(room);
    socket.data.name = name;
    answer({ type: "joined", room, name, members: names(room) });
  });

  socket.on("say", ({ room, text }, answer) => {
    if (!socket.rooms.has(room)) return answer({ type: "refused", code: "not_in_room" });
    io.to(room).emit("message", { room, name: socket.data.name, text });
    answer({ type: "said", room });
  });

  socket.on("rooms", (_, answer) => answer({ type: "listing", rooms: list() }));
});

http.listen(PORT, "127.0.0.1");
