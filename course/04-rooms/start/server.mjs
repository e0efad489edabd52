import { WebSocketServer } from "ws";

const PORT = process.env.PORT ?? 3000;

const server = new WebSocketServer({ port: PORT, host: "127.0.0.1" });

function join(_, { room, name }) {
  return { type: "joined", room, name, members: [name] };
}

function say(_, { room, name, text }) {
  const message = JSON.stringify({ type: "message", room, name, text });
  for (const each of server.clients) each.send(message);
  return { type: "said", room };
}

function list() {
  return { type: "listing", rooms: [] };
}

const commands = new Map(Object.entries({ join, say, rooms: list }));

server.on("connection", (socket) => {
  socket.on("message", (data) => {
    const command = JSON.parse(data);
    const run = commands.get(command.type);
    socket.send(JSON.stringify({ id: command.id, ...run(socket, command) }));
  });
});
