// A partner in Node: ping_pong.mjs URL ROOM NAME [TRANSPORT,...]; native without transports.
// Prints {"heard": how many texts it received}.

import { createRequire } from "node:module";
import { native, partner, socketio } from "./partner.mjs";

const require = createRequire(process.env.LAB_NODE_PACKAGES);
const [url, room, name, transports] = process.argv.slice(2);

const transport = transports
  ? await socketio(require("socket.io-client").io, url, transports.split(","))
  : await native(require("ws").WebSocket, url);
console.log(JSON.stringify(await partner(transport, room, name)));
transport.close();
