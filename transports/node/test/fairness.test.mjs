/**
 * How much of one connection a turn handles.
 *
 * `fairness.mjs` overrides methods of Node's streams and of engine.io's polling transport that no
 * documentation promises. These tests fail if a new version has no such method, or no longer calls it.
 */

import assert from "node:assert/strict";
import { once } from "node:events";
import { createServer } from "node:http";
import { PassThrough } from "node:stream";
import { test } from "node:test";
import { setImmediate as nextTurn } from "node:timers/promises";

import { Server } from "socket.io";

import { pacePosts, readLittle, SHARE_BYTES, SHARE_PACKETS } from "../fairness.mjs";

const SEPARATOR = "\x1e"; // Engine.IO 4: between the packets of a payload
const REQUEST = { _query: { EIO: "4" } };

function engine() {
  return new Server(createServer()).engine;
}

/** A polling transport with a pace, and the packets and the close that it has handled. */
function paced() {
  const library = engine();
  const waits = pacePosts(library);
  const transport = library.createTransport("polling", REQUEST);
  library.clients.ann = { transport };
  const handled = [];
  transport.on("packet", ({ data }) => handled.push(data));
  transport.on("close", () => handled.push("closed"));
  return { transport, handled, waits };
}

/** A payload of this many messages: "0", "1" and so on. */
function payload(count) {
  return Array.from({ length: count }, (_, number) => `4${number}`).join(SEPARATOR);
}

function numbers(count) {
  return Array.from({ length: count }, (_, number) => String(number));
}

test("engine.io has the methods that are overridden, with these parameters", () => {
  const library = engine();
  assert.equal(library.createTransport.length, 2); // name, request
  const transport = library.createTransport("polling", REQUEST);
  assert.equal(transport.onPacket.length, 1); // packet
  assert.equal(transport.onClose.length, 0);
  assert.deepEqual(library.clients, {});
});

test("one turn handles a share of a payload, and the next turn goes on in order", async () => {
  const { transport, handled } = paced();
  transport.onData(payload(SHARE_PACKETS + 1));
  assert.deepEqual(handled, numbers(SHARE_PACKETS));
  await nextTurn();
  assert.deepEqual(handled, numbers(SHARE_PACKETS + 1));
});

test("a close packet waits for the packets before it", async () => {
  const { transport, handled } = paced();
  transport.onData(`${payload(SHARE_PACKETS)}${SEPARATOR}1`);
  assert.deepEqual(handled, numbers(SHARE_PACKETS));
  await nextTurn();
  assert.deepEqual(handled, [...numbers(SHARE_PACKETS), "closed"]);
});

test("a POST waits while packets of its session wait, and a GET does not", async () => {
  const { transport, waits } = paced();
  const post = { method: "POST", _query: { sid: "ann" } };
  let calls = 0;
  const called = () => (calls += 1);
  assert.equal(waits(post, called), false);
  transport.onData(payload(SHARE_PACKETS + 1));
  assert.equal(waits({ ...post, method: "GET" }, called), false);
  assert.equal(waits(post, called), true);
  assert.equal(calls, 0);
  await nextTurn();
  assert.equal(calls, 1);
});

test("a large read reaches the listeners in pieces, one in a turn, in order", async () => {
  const stream = new PassThrough({ highWaterMark: 4 * SHARE_BYTES });
  const sent = Buffer.from(Array.from({ length: 2 * SHARE_BYTES + 1 }, (_, at) => at % 251));
  const pieces = [];
  const turns = [];
  let turn = 0;
  readLittle(stream);
  stream.on("data", (piece) => {
    pieces.push(piece);
    turns.push(turn);
    setImmediate(() => (turn += 1));
  });
  stream.end(sent);
  await once(stream, "end");
  assert.deepEqual(
    pieces.map(({ length }) => length),
    [SHARE_BYTES, SHARE_BYTES, 1],
  );
  assert.deepEqual(turns, [0, 1, 2]);
  assert.deepEqual(Buffer.concat(pieces), sent);
});
