// Connects socket.io-client 2 to a server of socket.io 4, without and with allowEIO3.
// Prints {client, server, default, allowed}.

import { createServer } from "node:http";
import { createRequire } from "node:module";

const require = createRequire(process.env.LAB_NODE_PACKAGES);
const { Server } = require("socket.io");
const io = require("socket.io-client-2");
const version = (name) => require(`${name}/package.json`).version;

async function connecting(options) {
  const http = createServer();
  const server = new Server(http, options);
  await new Promise((resolve) => http.listen(0, "127.0.0.1", resolve));
  const socket = io(`http://127.0.0.1:${http.address().port}`, { reconnection: false });
  const outcome = await new Promise((resolve) => {
    socket.on("connect", () => resolve("connects"));
    socket.on("connect_error", ({ message, description }) =>
      resolve(`does not connect (${message}: ${description})`),
    );
  });
  socket.close();
  await new Promise((resolve) => server.close(resolve));
  return outcome;
}

console.log(
  JSON.stringify({
    client: version("socket.io-client-2"),
    server: version("socket.io"),
    default: await connecting({}),
    allowed: await connecting({ allowEIO3: true }),
  }),
);
