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

// Socket.IO's own path begins with /socket.io/; every other upgrade is for somebody else.
http.on("upgrade", (request, socket) => {
  if (request.url.startsWith("/socket.io/")) return;
  const text = "This server speaks Socket.IO. Connect with socket.io-client.\n";
  socket.end(
    `HTTP/1.1 400 Bad Request\r\nContent-Length: ${text.length}\r\nConnection: close\r\n\r\n${text}`,
  );
});

http.listen(PORT, "127.0.0.1");
