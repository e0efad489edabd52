import { WebSocketServer } from "ws";

const PORT = process.env.PORT ?? 3000;

const HEARTBEAT_MS = process.env.HEARTBEAT_MS ?? 30_000;

const server = new WebSocketServer({ port: PORT, host: "127.0.0.1" });

const rooms = new Map(); // a room's name -> its members: a socket -> a name

function join(socket, { room, name }) {
  if (!rooms.has(room)) rooms.set(room, new Map());
  const members = rooms.get(room);
  members.set(socket, name);
  return { type: "joined", room, name, members: [...members.values()] };
}

function say(socket, { room, text }) {
  const members = rooms.get(room);
  if (!members?.has(socket)) return { type: "refused", code: "not_in_room" };
  const message = JSON.stringify({ type: "message", room, name: members.get(socket), text });
  for (const each of members.keys()) each.send(message);
  return { type: "said", room };
}

function list() {
  const found = [...rooms].map(([room, members]) => ({ room, members: members.size }));
  return { type: "listing", rooms: found };
}

function refuse() {
  return { type: "refused", code: "bad_command" };
}

const commands = new Map(Object.entries({ join, say, rooms: list }));

function leave(socket) {
  for (const [room, members] of rooms) {
    if (members.delete(socket) && members.size === 0) rooms.delete(room);
  }
}

function parse(data) {
  try {
    return JSON.parse(data) ?? {};
  } catch {
    return {};
  }
}

// Who has not answered the last ping is gone, though no `close` has come.
setInterval(() => {
  for (const socket of server.clients) {
    if (!socket.alive) socket.terminate();
    socket.alive = false;
    socket.ping();
  }
}, HEARTBEAT_MS);

server.on("connection", (socket) => {
  socket.alive = true;
  socket.on("pong", () => (socket.alive = true));
  socket.on("error", () => {}); // `close` follows.
  socket.on("close", () => leave(socket));
  socket.on("message", (data) => {
    const command = parse(data);
    const run = commands.get(command.type) ?? refuse;
    socket.send(JSON.stringify({ id: command.id, ...run(socket, command) }));
  });
});
