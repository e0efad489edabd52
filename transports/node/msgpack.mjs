/**
 * Read Socket.IO packets in msgpack as npm's `socket.io-msgpack-parser` does, and refuse invalid
 * ones before it reads them: it trusts what a message says of itself (docs/upstream.md).
 */

import { isUtf8 } from "node:buffer";

import parser from "socket.io-msgpack-parser";

export const { Encoder } = parser;

const { PacketType } = parser;

/** The names that socket.io uses for itself. The default parser refuses them too. */
const RESERVED = new Set([
  "connect",
  "connect_error",
  "disconnect",
  "disconnecting",
  "newListener",
  "removeListener",
]);

/** Throws for an invalid packet, as the library's own decoder does. The connection then ends. */
export class Decoder extends parser.Decoder {
  add(data) {
    if (!Buffer.isBuffer(data)) throw new Error("a text");
    checkValue(data);
    super.add(data);
  }

  checkPacket(packet) {
    super.checkPacket(packet);
    const { type, nsp, data, id = 0 } = packet;
    // A key of this name is a field like others in JSON.
    if (Object.getPrototypeOf(packet) !== Object.prototype) throw new Error("invalid packet");
    if (!nsp.startsWith("/")) throw new Error("invalid namespace");
    if (!Number.isSafeInteger(id) || id < 0) throw new Error("invalid packet id");
    if (type === PacketType.EVENT && !isName(data[0])) throw new Error("invalid payload");
  }
}

function isName(value) {
  return typeof value === "number" || (typeof value === "string" && !RESERVED.has(value));
}

/** How many bytes say how long a value is, by its first byte (msgpack's `bin`, `str`, …). */
const LENGTH_BYTES = new Map([
  ...[0xc4, 0xd9].map((first) => [first, 1]),
  ...[0xc5, 0xda, 0xdc, 0xde].map((first) => [first, 2]),
  ...[0xc6, 0xdb, 0xdd, 0xdf].map((first) => [first, 4]),
]);

/** How many bytes a number has after its first byte; nil, false and true have none. */
const NUMBER_BYTES = new Map([
  ...[0xc0, 0xc2, 0xc3].map((first) => [first, 0]),
  ...[0xcc, 0xd0].map((first) => [first, 1]),
  ...[0xcd, 0xd1].map((first) => [first, 2]),
  ...[0xca, 0xce, 0xd2].map((first) => [first, 4]),
  ...[0xcb, 0xcf, 0xd3].map((first) => [first, 8]),
]);

/** How `notepack.io` writes `undefined`: an extension of type 0. A connect without data has it. */
const UNDEFINED = Buffer.of(0xd4, 0, 0);

/** The most bytes of a text that are looked at one by one. */
const SHORT = 64;

/**
 * Check that these bytes are one value of msgpack, whole, and its texts UTF-8. It has no extension but
 * `undefined`.
 * It keeps nothing but a count, so what a message says of lengths costs nothing.
 */
export function checkValue(/** @type {Buffer} */ data) {
  let at = 0;
  for (let due = 1; due > 0; due -= 1) {
    if (due > data.length - at) throw new Error("not whole"); // each value has a byte at least
    const first = data[at++];
    const lengthBytes = LENGTH_BYTES.get(first) ?? 0;
    const length = lengthBytes > 0 ? data.readUIntBE(at, lengthBytes) : shortLength(first);
    at += lengthBytes;
    if (isText(first)) {
      if (!hasUtf8(data, at, at + length)) throw new Error("no UTF-8");
      at += length;
    } else if (isBytes(first)) at += length;
    else if (isArray(first)) due += length;
    else if (isMap(first)) due += 2 * length;
    else if (isUndefined(data, at - 1)) at += UNDEFINED.length - 1;
    else if (!isSmall(first)) at += NUMBER_BYTES.get(first) ?? Number.NaN;
    if (!(at <= data.length)) throw new Error("not whole, or an extension");
  }
  if (at !== data.length) throw new Error("trailing bytes");
}

/** Whether this part is UTF-8. A short text in ASCII, as most are, is not worth a view. */
function hasUtf8(/** @type {Buffer} */ data, from, to) {
  let at = from;
  if (to - from <= SHORT) while (at < to && data[at] < 0x80) at += 1;
  return at === to || isUtf8(data.subarray(at, to));
}

function isUndefined(/** @type {Buffer} */ data, at) {
  return data[at] === UNDEFINED[0] && UNDEFINED.equals(data.subarray(at, at + UNDEFINED.length));
}

/** The length that a first byte holds itself. */
function shortLength(first) {
  return first < 0xa0 ? first & 0x0f : first & 0x1f;
}

/** An integer that is its first byte. */
function isSmall(first) {
  return first < 0x80 || first >= 0xe0;
}

function isMap(first) {
  return (first >= 0x80 && first < 0x90) || first === 0xde || first === 0xdf;
}

function isArray(first) {
  return (first >= 0x90 && first < 0xa0) || first === 0xdc || first === 0xdd;
}

function isText(first) {
  return (first >= 0xa0 && first < 0xc0) || (first >= 0xd9 && first <= 0xdb);
}

function isBytes(first) {
  return first >= 0xc4 && first <= 0xc6;
}
