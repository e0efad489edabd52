// One client of the reference stack: joins, says each text, hears each, and prints what it saw.
//   node tuned_client.mjs URL TRANSPORTS TEXTS      (both lists in JSON; no transports: native)

import { createRequire } from "node:module";

const require = createRequire(process.env.LAB_NODE_PACKAGES);
const [url, transports, texts] = [process.argv[2], ...process.argv.slice(3).map(JSON.parse)];

function show(client, heard, replies, transport) {
  console.log(JSON.stringify({ heard, replies, transport }));
  client.close();
}

function socketio() {
  const { io } = require("socket.io-client");
  const client = io(url, { transports, reconnection: false, forceNew: true });
  const heard = [];
  client.on("connect_error", (error) => { throw error; });
  client.on("message", (message) => heard.push(message.text));
  client.on("connect", async () => {
    const replies = [await client.emitWithAck("join", { room: "den", name: "nora" })];
    for (const text of texts) replies.push(await client.emitWithAck("say", { room: "den", text }));
    replies.push(await client.emitWithAck("say", { room: "nowhere", text: "" }));
    const done = () => heard.length >= texts.length && transport() === transports.at(-1);
    const transport = () => client.io.engine.transport.name;
    const looking = setInterval(() => {
      if (!done()) return;
      clearInterval(looking);
      show(client, heard, replies.map((reply) => reply.type), transport());
    }, 5);
  });
}

function native() {
  const { WebSocket } = require("ws");
  const client = new WebSocket(url);
  const [heard, replies] = [[], []];
  const send = (command) => client.send(JSON.stringify(command));
  client.on("error", (error) => { throw error; });
  client.on("open", () => {
    send({ type: "join", id: 0, room: "den", name: "nora" });
    texts.forEach((text, id) => send({ type: "say", id: id + 1, room: "den", text }));
    send({ type: "say", id: texts.length + 1, room: "nowhere", text: "" });
  });
  client.on("message", (data) => {
    const event = JSON.parse(data);
    if (event.type === "message") heard.push(event.text);
    else replies.push(event.type);
    if (event.type === "refused") show(client, heard, replies, "native");
  });
}

if (transports.length > 0) socketio();
else native();
