/**
 * The entries of a journal in MessagePack: what changes the rooms, with the time and the member that
 * it needs. They are those of lab/journal/entries.py, byte for byte.
 */

import { decode as unpack, encode as pack } from "@msgpack/msgpack";

import { Refused, checkNames, checkText } from "../admission.mjs";
import { convert } from "../commands.mjs";

/**
 * @typedef {{member: number, atMs: number, command: object}
 *   | {member: number, why: "left" | "closed" | "lost" | "slow_consumer"}} Entry
 */

/** Encode the entry that `member` sent a command at `atMs`. A field that is null is left out. */
export function encodeDone(/** @type {number} */ member, /** @type {number} */ atMs, command) {
  const fields = Object.entries(command).filter(([, value]) => value !== null);
  return bytes(["d", member, atMs, Object.fromEntries(fields)]);
}

/** Encode the entry that the connection of `member` has ended. */
export function encodeGone(/** @type {number} */ member, /** @type {string} */ why) {
  return bytes(["g", member, why]);
}

/**
 * Read one entry.
 *
 * @param {Uint8Array} data
 * @returns {Entry}
 * @throws {Error} it is no entry
 */
export function decode(data) {
  const [kind, member, second, command] = unpack(data);
  if (kind === "g") return { member, why: second };
  if (kind !== "d") throw new Error("neither a command nor an end");
  return { member, atMs: second, command: convert(command.type, command, command.id) };
}

/** Whether a command may change a room. If not, it only reads, or is refused in any state. */
export function isChanging(/** @type {Record<string, number | null>} */ limits, command) {
  try {
    if (command.type === "join") checkNames(limits, command);
    if (command.type === "say") checkText(limits, command.text);
  } catch (refusal) {
    if (refusal instanceof Refused) return false;
    throw refusal;
  }
  return command.type === "join" || command.type === "say" || command.type === "leave";
}

/** One value in MessagePack. */
export function bytes(value) {
  const { buffer, byteOffset, byteLength } = pack(value);
  return Buffer.from(buffer, byteOffset, byteLength);
}
