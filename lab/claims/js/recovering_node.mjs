// One Socket.IO server as a process: recovering_node.mjs OPTIONS. OPTIONS is JSON:
//   recovery  the library's option `connectionStateRecovery`; null: off
//   adapter   "pubsub" or "streams": what joins it to other servers by Redis; null: nothing
//   redis     the URL of that Redis server
// It sends its port to the process that forked it. Of docs/room.md it has what the script needs,
// by the library's own rooms and emits: `join`, `say`, `message` and `departed`.

import { once } from "node:events";
import { createServer } from "node:http";
import { createRequire } from "node:module";

const require = createRequire(process.env.LAB_NODE_PACKAGES);
const { Server } = require("socket.io");

const { recovery, adapter, redis } = JSON.parse(process.argv[2]);

const ADAPTERS = {
  async pubsub() {
    const { createAdapter } = require("@socket.io/redis-adapter");
    return createAdapter(await connected(), await connected());
  },
  async streams() {
    const { createAdapter } = require("@socket.io/redis-streams-adapter");
    return createAdapter(await connected());
  },
};

async function connected() {
  const client = require("redis").createClient({ url: redis });
  client.on("error", () => {}); // without a listener an error ends the process
  return client.connect();
}

process.on("disconnect", () => process.exit());

const http = createServer();
const io = new Server(http, {
  ...(recovery && { connectionStateRecovery: recovery }),
  ...(adapter && { adapter: await ADAPTERS[adapter]() }),
});
io.on("connection", (socket) => {
  socket.on("join", ({ room, name }, acknowledge) => {
    socket.data = { room, name }; // the library restores it
    socket.join(room);
    acknowledge();
  });
  socket.on("say", ({ room, text }, acknowledge) => {
    io.to(room).emit("message", { text });
    acknowledge();
  });
  // The library has kept the session by then.
  socket.on("disconnect", () => io.to(socket.data.room).emit("departed", { name: socket.data.name }));
});
http.listen(0, "127.0.0.1");
await once(http, "listening");
process.send(http.address().port);
