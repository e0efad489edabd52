// A version of socket.io-client in Node: node socketio.mjs VISIT PACKAGE

import { createRequire } from "node:module";
import { print, socketio } from "./attempt.mjs";

const io = createRequire(process.env.LAB_NODE_PACKAGES)(process.argv[3]);
print(await socketio(io, JSON.parse(process.argv[2])));
