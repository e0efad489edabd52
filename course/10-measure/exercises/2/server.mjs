import { createServer } from "node:http";
import { Server } from "socket.io";

const PORT = process.argv[2] ?? process.env.PORT ?? 3000;

const PAGES = ["http://localhost:5173"];

// A client without an Origin is no page: there is nobody to protect from it.
const mayEnter = (origin) => origin === undefined || PAGES.includes(origin);

const http = createServer();
const io = new Server(http, {
  cors: { origin: PAGES },
  allowRequest: ({ headers }, answer) => answer(null, mayEnter(headers.origin)),
});

const MOST_TEXT_BYTES = 2000;
const MOST_WAITING = 500; // packets for one connection
const rooms = new Map();

function find(room) {
  if (!rooms.has(room)) rooms.set(room, { log: [], keys: new Map() });
  return rooms.get(room);
}

// Before a broadcast: a client that has not taken the earlier ones is closed, and may come back.
function closeSlowReaders(room) {
  for (const id of io.of("/").adapter.rooms.get(room) ?? []) {
    const { conn } = io.of("/").sockets.get(id);
    if (conn.writeBuffer.length > MOST_WAITING) conn.close(true);
  }
}

io.on("connection", (socket) => {
  socket.on("join", ({ room, name, after = 0 }, answer) => {
    const { log } = find(room);
    socket.join(room);
    socket.data.name = name;
    const missed = log.filter(({ seq }) => seq > after);
    answer({ type: "joined", room, name, missed });
  });

  socket.on("say", ({ room, text, key }, answer) => {
    if (Buffer.byteLength(text) > MOST_TEXT_BYTES) {
      return answer({ type: "refused", code: "text_too_long" });
    }
    const { log, keys } = find(room);
    if (!keys.has(key)) {
      const message = { room, seq: log.length + 1, name: socket.data.name, text };
      log.push(message);
      keys.set(key, message.seq);
      closeSlowReaders(room);
      io.to(room).emit("message", message);
    }
    answer({ type: "said", room, seq: keys.get(key) });
  });
});

http.listen(PORT, "127.0.0.1");
