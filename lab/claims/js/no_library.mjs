// Prints which parts of WebSocket Node has built in, as one object:
//   version  the version of Node
//   client   whether there is a global WebSocket
//   server   the names of built-in modules with a WebSocket server

import { builtinModules } from "node:module";

const server = builtinModules.filter((name) => /(^|[/_])(ws|websocket)s?($|[/_])/i.test(name));
const client = typeof globalThis.WebSocket === "function";
console.log(JSON.stringify({ version: process.version, client, server }));
