// A partner in Node: volley.mjs URL ROOM NAME [TRANSPORT,...]; without transports it is native.
// Prints {"heard": how many texts it has heard}.

import { createRequire } from "node:module";
import { native, partner, socketio } from "./partner.mjs";

const require = createRequire(process.env.LAB_NODE_PACKAGES);
const [url, room, name, transports] = process.argv.slice(2);

const wire = transports
  ? await socketio(require("socket.io-client").io, url, transports.split(","))
  : await native(require("ws").WebSocket, url);
console.log(JSON.stringify(await partner(wire, room, name)));
wire.close();
