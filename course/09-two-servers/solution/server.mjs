import { createServer } from "node:http";
import { json } from "node:stream/consumers";
import { Server } from "socket.io";

const PORT = process.env.PORT ?? 3000;
const PEERS = (process.env.PEERS ?? "").split(",").filter(Boolean); // the other servers

const PAGES = ["http://localhost:5173"];

// A client without an Origin is no page: there is nobody to protect from it.
const mayEnter = (origin) => origin === undefined || PAGES.includes(origin);

const http = createServer(takeFromPeer);
const io = new Server(http, {
  cors: { origin: PAGES },
  allowRequest: ({ headers }, answer) => answer(null, mayEnter(headers.origin)),
});

async function takeFromPeer(request, response) {
  if (request.url !== "/relay") return response.writeHead(404).end();
  const { room, message } = await json(request);
  io.to(room).emit("message", message);
  response.writeHead(204).end();
}

function giveToPeers(room, message) {
  const body = JSON.stringify({ room, message });
  const sent = PEERS.map((peer) => fetch(`${peer}/relay`, { method: "POST", body }));
  return Promise.allSettled(sent);
}

io.on("connection", (socket) => {
  socket.on("join", ({ room, name }, answer) => {
    socket.join(room);
    socket.data.name = name;
    answer({ type: "joined", room, name });
  });

  socket.on("say", async ({ room, text }, answer) => {
    const message = { room, name: socket.data.name, text };
    io.to(room).emit("message", message);
    await giveToPeers(room, message);
    answer({ type: "said", room });
  });
});

http.listen(PORT, "127.0.0.1");
