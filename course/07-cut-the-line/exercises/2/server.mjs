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

const MOST_KEPT = 100;
const rooms = new Map();

function find(room) {
  if (!rooms.has(room)) rooms.set(room, { log: [], next: 1, keys: new Map() });
  return rooms.get(room);
}

io.on("connection", (socket) => {
  socket.on("join", ({ room, name, after = 0 }, answer) => {
    const { log } = find(room);
    socket.join(room);
    socket.data.name = name;
    const truncated = log.length > 0 && after < log[0].seq - 1;
    const missed = log.filter(({ seq }) => seq > after);
    answer({ type: "joined", room, name, missed, truncated });
  });

  socket.on("say", ({ room, text, key }, answer) => {
    const one = find(room);
    const { log, keys } = one;
    if (!keys.has(key)) {
      const message = { room, seq: one.next++, name: socket.data.name, text };
      log.push(message);
      if (log.length > MOST_KEPT) log.shift();
      keys.set(key, message.seq);
      io.to(room).emit("message", message);
    }
    answer({ type: "said", room, seq: keys.get(key) });
  });
});

http.listen(PORT, "127.0.0.1");
