/** Which bytes are Socket.IO packets in msgpack, and which are refused. */

import assert from "node:assert/strict";
import { test } from "node:test";

import { Decoder, Encoder, checkValue } from "../msgpack.mjs";

function read(data) {
  const decoder = new Decoder();
  let decoded;
  decoder.on("decoded", (packet) => {
    decoded = packet;
  });
  decoder.add(data);
  return decoded;
}

function encoded(packet) {
  const [data] = new Encoder().encode(packet);
  return data;
}

const EVENT = { type: 2, nsp: "/", data: ["rooms", {}], id: 7 };
const values = [
  ...[0, 127, 128, 255, 256, 65_535, 65_536, 2 ** 32, 2 ** 53 - 1, -1, -32, -33, -129, -32_769],
  ...[-(2 ** 31) - 1, 0.5, null, undefined, true, false, "", "é", "x".repeat(31), "x".repeat(32)],
  ...["x".repeat(256), "x".repeat(65_536), Buffer.alloc(1), Buffer.alloc(256)],
  ...[Buffer.alloc(65_536), Array(15).fill(1), Array(16).fill(1), Array(65_536).fill(1)],
  Object.fromEntries(Array.from({ length: 16 }, (_, number) => [`key ${number}`, number])),
  Object.fromEntries(Array.from({ length: 65_536 }, (_, number) => [`key ${number}`, number])),
];

test("each kind of value is whole, and not without its last byte or with one more", () => {
  for (const value of values) {
    const data = encoded([value, value]);
    checkValue(data);
    assert.throws(() => checkValue(data.subarray(0, -1)));
    assert.throws(() => checkValue(Buffer.concat([data, Buffer.of(0)])));
  }
});

test("a packet is read as the library reads it", () => {
  assert.deepEqual(read(encoded(EVENT)), EVENT);
  assert.deepEqual(read(encoded({ type: 0, nsp: "/", data: {} })).data, {});
  assert.equal(read(encoded({ type: 0, nsp: "/", data: undefined })).data, undefined);
  assert.deepEqual(read(encoded({ type: 1, nsp: "/den" })), { type: 1, nsp: "/den" });
  assert.equal(read(encoded({ ...EVENT, id: Number.MAX_SAFE_INTEGER })).id, 2 ** 53 - 1);
});

for (const change of [
  { type: 5 },
  { type: "2" },
  { nsp: "den" },
  { nsp: null },
  { id: -1 },
  { id: 2 ** 53 },
  { id: "7" },
  { id: null },
  { data: [] },
  { data: {} },
  { data: [["rooms"]] },
  { data: ["disconnect", {}] },
  { data: ["newListener", {}] },
  { data: ["rooms", new Date(0)] },
]) {
  test(`${JSON.stringify(change)} is refused`, () => {
    assert.throws(() => read(encoded({ ...EVENT, ...change })));
  });
}

const head = encoded({ type: 2, nsp: "/" });
head[0] += 1;
for (const [what, data] of [
  ["nothing", Buffer.alloc(0)],
  ["a text", "2"],
  ["no map", encoded([1])],
  ["an unused first byte", Buffer.of(0xc1)],
  ["an array that is not whole", Buffer.concat([head, encoded("data"), Buffer.of(0xdd, 0xff, 0xff, 0xff, 0xff)])],
  ["bytes that are not whole", Buffer.of(0xc6, 0xff, 0xff, 0xff, 0xff)],
  ["an extension", Buffer.of(0x91, 0xd4, 0x01, 0x00)],
  ["an extension that is almost undefined", Buffer.of(0x91, 0xd4, 0x00, 0x01)],
  ["no UTF-8", Buffer.concat([head, encoded("data"), Buffer.of(0x91, 0xa1, 0xff)])],
  ["arrays in arrays", Buffer.concat([head, encoded("data"), Buffer.alloc(60_000, 0x91), Buffer.of(1)])],
  ["a map with a prototype", encoded(JSON.parse('{"type":2,"nsp":"/","data":["x"],"__proto__":{}}'))],
]) {
  test(`${what} is refused`, () => {
    assert.throws(() => read(data));
  });
}

test("the library writes what is undefined, and what is in a packet for itself", () => {
  assert.ok(encoded({ type: 0, nsp: "/", data: undefined }).includes(Buffer.of(0xd4, 0, 0)));
  const event = { ...EVENT, options: { compress: true } };
  assert.deepEqual(read(encoded(event)), event);
  assert.equal(encoded(event).length - encoded(EVENT).length, 19);
});
