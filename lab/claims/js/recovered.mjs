// What socket.io-client gets of the texts that are said while it is away:
// recovered.mjs PYTHON_PORT REDIS_URL, with a server of the lab's room on python-socketio there.
// Prints one object for each case:
//   case   which one
//   sent   the texts that were said while it was away, in order
//   heard  those of them that it has got, in order

import { fork } from "node:child_process";
import { EventEmitter, once } from "node:events";
import { createRequire } from "node:module";
import { setTimeout as sleep } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { cuttableRoute } from "./cuttable_route.mjs";

const require = createRequire(process.env.LAB_NODE_PACKAGES);
const { io: connect } = require("socket.io-client");

const [pythonPort, redis] = process.argv.slice(2);
const NODE = fileURLToPath(new URL("recovering_node.mjs", import.meta.url));
const FEW = 10;
const LAST = "the last";
const BEFORE = "before the cut";
const AGAIN_MS = 50;
const PROBE_MS = 5;
const ON = { maxDisconnectionDuration: 60_000 };

const changes = new EventEmitter();

async function until(condition) {
  while (!condition()) await once(changes, "change");
}

class Node {
  async begin(options) {
    this.options = options;
    this.process = fork(NODE, [JSON.stringify({ ...options, redis })]);
    const ended = once(this.process, "exit").then(() => Promise.reject(new Error("no server")));
    [this.port] = await Promise.race([once(this.process, "message"), ended]);
    return this;
  }

  // As a crash: it can say nothing more.
  async kill() {
    const ended = once(this.process, "exit");
    this.process.kill("SIGKILL");
    await ended;
  }
}

// A client whose library reconnects. Where its session is not recovered it joins again.
class Member {
  heard = [];
  departed = [];
  entered = 0;

  constructor(port, name, room) {
    this.room = room;
    this.socket = connect(`http://127.0.0.1:${port}`, {
      forceNew: true,
      transports: ["websocket"],
      reconnectionDelay: AGAIN_MS,
      reconnectionDelayMax: AGAIN_MS,
    });
    this.socket.on("connect", async () => {
      if (!this.socket.recovered) {
        await this.socket.emitWithAck("join", { room, name: `${name} ${this.entered + 1}` });
      }
      this.entered += 1;
      changes.emit("change");
    });
    this.socket.on("disconnect", () => changes.emit("change"));
    this.keep("message", ({ text }) => this.heard.push(text));
    this.keep("departed", ({ name: who }) => this.departed.push(who));
  }

  keep(type, note) {
    this.socket.on(type, (event) => {
      note(event);
      changes.emit("change");
    });
  }

  say(text) {
    return this.socket.emitWithAck("say", { room: this.room, text });
  }

  // Returns once every text has been carried to the room, its own copy included.
  async sayAll(texts) {
    for (const text of texts) await this.say(text);
    await until(() => this.heard.includes(texts.at(-1)));
  }
}

// How the client is cut off; each returns where it finds a server again.
const INTERRUPTIONS = {
  async cut(there) {
    there.route.cut();
    await until(() => !there.client.socket.connected && there.speaker.departed.length > 0);
    return there.first;
  },

  async moved(there) {
    await INTERRUPTIONS.cut(there);
    return there.last;
  },

  async unnoticed({ route, client, first }) {
    route.cutNear();
    await until(() => !client.socket.connected);
    return first;
  },

  async restarted(there) {
    const { options } = await INTERRUPTIONS.cut(there);
    there.speaker.socket.disconnect();
    await there.nodes[0].kill();
    there.nodes[0] = await new Node().begin(options);
    there.speaker = await entered(there.nodes[0].port, "ann", there.client.room);
    return there.nodes[0];
  },

  async killed({ route, client, first, last }) {
    await first.kill();
    route.cut();
    await until(() => !client.socket.connected);
    return last;
  },
};

async function entered(port, name, room) {
  const member = new Member(port, name, room);
  await until(() => member.entered > 0);
  return member;
}

// The client is at the first node, and who speaks is at the last.
async function play(room, nodes, interrupt) {
  const [first, last] = [nodes[0], nodes.at(-1)];
  const route = await cuttableRoute(first.port);
  const client = await entered(route.port, "ben", room);
  const there = { nodes, first, last, route, client };
  there.speaker = await entered(last.port, "ann", room);
  // Until Redis joins the nodes they lose texts. And only who has got an event can be recovered.
  while (!client.heard.includes(BEFORE)) {
    await there.speaker.say(BEFORE);
    await sleep(PROBE_MS);
  }
  const back = await interrupt(there);
  const texts = Array.from({ length: FEW }, (_, number) => `number ${number}`);
  await there.speaker.sayAll(texts);
  route.reopen(back.port);
  await until(() => client.entered > 1);
  await there.speaker.say(LAST);
  await until(() => client.heard.includes(LAST));
  const heard = client.heard.filter((text) => texts.includes(text));
  client.socket.disconnect();
  there.speaker.socket.disconnect();
  await route.close();
  return { sent: texts, heard };
}

async function playOn(room, options, interruption) {
  const nodes = await Promise.all(options.map((each) => new Node().begin(each)));
  try {
    return await play(room, nodes, INTERRUPTIONS[interruption]);
  } finally {
    for (const node of nodes) node.process.kill("SIGKILL");
  }
}

const MEMORY = { recovery: ON };
const PUBSUB = { recovery: ON, adapter: "pubsub" };
const STREAMS = { recovery: ON, adapter: "streams" };
const CASES = {
  "off, cut": [[{}], "cut"],
  "memory, cut": [[MEMORY], "cut"],
  "memory, unnoticed": [[MEMORY], "unnoticed"],
  "memory, restarted": [[MEMORY], "restarted"],
  "pubsub, cut": [[PUBSUB, PUBSUB], "cut"],
  "streams, moved": [[STREAMS, STREAMS], "moved"],
  "streams, killed": [[STREAMS, STREAMS], "killed"],
};

for (const [name, [options, interruption]] of Object.entries(CASES)) {
  const seen = await playOn(name, options, interruption);
  console.log(JSON.stringify({ case: name, ...seen }));
}
const python = await play("python, cut", [{ port: pythonPort }], INTERRUPTIONS.cut);
console.log(JSON.stringify({ case: "python, cut", ...python }));
