/** A broadcast is encoded once for all members, on real sockets. */

import assert from "node:assert/strict";
import { once } from "node:events";
import { createServer } from "node:http";
import { test } from "node:test";

import { io } from "socket.io-client";
import { WebSocket } from "ws";

import * as native from "../native.mjs";
import * as socketio from "../socketio.mjs";
import { limits } from "./limits.mjs";

const OPTIONS = {
  settings: "equal",
  heartbeat: { interval_s: 25, timeout_s: 20 },
  origins: null,
};

/** A server of this kind on a free port, while `use` runs. */
async function serving(kind, use) {
  const http = createServer();
  const config = {
    transports: ["websocket"],
    parser: "parser",
    options: OPTIONS,
    limits: limits(),
    close_timeout_s: 1,
  };
  const server = await kind.serve(http, config);
  http.listen(0, "127.0.0.1");
  await once(http, "listening");
  try {
    await use(http.address().port);
  } finally {
    server.close();
    http.close();
    await once(http, "close");
  }
}

/** How often a message is encoded as JSON while `act` runs. */
async function encodings(act) {
  const stringify = JSON.stringify;
  let count = 0;
  JSON.stringify = (value, ...rest) => {
    const json = stringify(value, ...rest);
    if (json.includes("what is counted")) count += 1;
    return json;
  };
  try {
    await act();
  } finally {
    JSON.stringify = stringify;
  }
  return count;
}

const CLIENTS = {
  native: {
    kind: native,
    /** Join; returns how to say something, and a promise of the first message. */
    async join(port, room, name) {
      const ws = new WebSocket(`ws://127.0.0.1:${port}`);
      await once(ws, "open");
      const heard = (type) =>
        new Promise((resolve) => {
          ws.on("message", (data) => {
            if (JSON.parse(data.toString()).type === type) resolve();
          });
        });
      const [joined, message] = [heard("joined"), heard("message")];
      ws.send(`{"type":"join","id":1,"room":"${room}","name":"${name}"}`);
      await joined;
      const say = (text) => ws.send(`{"type":"say","id":2,"room":"${room}","text":"${text}"}`);
      return { say, message };
    },
  },
  socketio: {
    kind: socketio,
    async join(port, room, name) {
      const socket = io(`http://127.0.0.1:${port}`, {
        transports: ["websocket"],
        forceNew: true,
        reconnection: false,
      });
      const message = new Promise((resolve) => socket.once("message", resolve));
      await socket.emitWithAck("join", { room, name });
      return { say: (text) => socket.emit("say", { room, text }), message };
    },
  },
};

for (const [name, { kind, join }] of Object.entries(CLIENTS)) {
  test(`${name}: as many encodings in a room of twenty as in one of two`, async () => {
    await serving(kind, async (port) => {
      const counts = [];
      for (const size of [2, 20]) {
        const members = [];
        for (let number = 0; number < size; number += 1) {
          members.push(await join(port, `room of ${size}`, `guest ${number}`));
        }
        counts.push(
          await encodings(async () => {
            members[0].say("what is counted");
            await Promise.all(members.map((member) => member.message));
          }),
        );
      }
      assert.ok(counts[0] > 0);
      assert.equal(counts[0], counts[1]);
    });
  });
}
