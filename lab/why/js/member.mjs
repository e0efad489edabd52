// A member of the room in Node: node member.mjs ORDER
//
// ORDER is {url, transports, headers}; without transports it is a WebSocket of `ws`, else a client
// of socket.io-client. Each line of stdin is a command, [type, fields]. Each line of stdout is
// {what, said}: `open`, `reply`, or `closed` with the client's own words. It ends with stdin.

import { createRequire } from "node:module";
import { createInterface } from "node:readline";

const require = createRequire(process.env.LAB_NODE_PACKAGES);
const { url, transports, headers } = JSON.parse(process.argv[2]);

const print = (what, said = "") => console.log(JSON.stringify({ what, said }));
const words = (...parts) => parts.filter(Boolean).join(": ");

function onWebSocket() {
  const { WebSocket } = require("ws");
  const socket = new WebSocket(url, { headers });
  let error = "";
  let number = 0;
  socket.on("open", () => print("open"));
  socket.on("message", (data) => JSON.parse(data).id && print("reply"));
  socket.on("error", ({ message }) => (error = message));
  socket.on("close", (code, reason) => print("closed", words(`close code ${code}`, `${reason}`, error)));
  return {
    send: (type, fields) => socket.send(JSON.stringify({ type, id: ++number, ...fields })),
    close: () => socket.close(),
  };
}

function onSocketio() {
  const { io } = require("socket.io-client");
  const options = { reconnection: false, forceNew: true, extraHeaders: headers, transports };
  const socket = io(url, options);
  const detail = (found) => found?.description?.message ?? found?.description;
  socket.on("connect", () => print("open"));
  socket.on("connect_error", (error) => print("closed", words(error.message, detail(error))));
  socket.on("disconnect", (reason, details) => print("closed", words(reason, detail(details))));
  return {
    send: (type, fields) => socket.emit(type, fields, () => print("reply")),
    close: () => socket.close(),
  };
}

const member = transports ? onSocketio() : onWebSocket();
const lines = createInterface({ input: process.stdin });
lines.on("line", (line) => member.send(...JSON.parse(line)));
lines.on("close", () => {
  member.close();
  setTimeout(() => process.exit(), 300).unref();
});
