// What Node has of WebSocket by itself. Prints one object:
//   version  of Node
//   client   whether there is a global WebSocket
//   server   built-in modules with a server for it, by their names

import { builtinModules } from "node:module";

const server = builtinModules.filter((name) => /(^|[/_])(ws|websocket)s?($|[/_])/i.test(name));
const client = typeof globalThis.WebSocket === "function";
console.log(JSON.stringify({ version: process.version, client, server }));
