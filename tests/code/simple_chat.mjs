// Runs a simple chat in Node: simple_chat.mjs CHAT ROUTE PACKAGE CLIENT_PACKAGE SCHEME.
// Two members of one room and one of another speak; then all connections are cut, and they speak
// again. Prints what each member heard.

import { once } from "node:events";
import { createServer } from "node:http";
import { createRequire } from "node:module";

const [chat, route, library, clientLibrary, scheme] = process.argv.slice(2);
const require = createRequire(process.env.LAB_NODE_PACKAGES);
const { Chat, Client } = await import(chat);
const { cuttableRoute } = await import(route);

const http = createServer().listen(0, "127.0.0.1");
await once(http, "listening");
const { server } = new Chat(require(library), http);
const between = await cuttableRoute(http.address().port);

const heard = { ann: [], ben: [], eve: [] };
let somethingHeard = () => {};
const member = (name, room) =>
  new Client(require(clientLibrary), `${scheme}://127.0.0.1:${between.port}`, room, (text) => {
    heard[name].push(text);
    somethingHeard();
  });
const members = { ann: member("ann", "a"), ben: member("ben", "a"), eve: member("eve", "b") };

// A client repeats its text until it is heard: it does not say when it is in its room.
async function untilHeard(name, text, listeners = [name]) {
  while (!listeners.every((listener) => heard[listener].includes(text))) {
    const hearing = new Promise((resolve) => (somethingHeard = resolve));
    try {
      members[name].say(text);
    } catch {} // not connected yet
    await Promise.race([hearing, new Promise((resolve) => setTimeout(resolve, 50))]);
  }
}

async function allIn(round) {
  for (const name of Object.keys(members)) await untilHeard(name, `${round}: ${name} is in`);
}

await allIn("first");
await untilHeard("ann", "hello", ["ann", "ben"]);
between.cut();
between.reopen();
await allIn("second");
await untilHeard("ann", "hello again", ["ann", "ben"]);
await untilHeard("eve", "the end");
for (const client of Object.values(members)) client.close();
console.log(JSON.stringify(heard));
await server.close();
await between.close();
http.close();
