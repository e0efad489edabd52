/**
 * Chat in: the commands of the room, and how they are read from untrusted input. What is a command
 * here is one in lab/chat/commands.py, and what is none gets the same code.
 */

import { codePoints } from "./admission.mjs";
import { quoted } from "./quoted.mjs";

/** The input is no command. `refusal` is the answer that it gets. */
export class BadCommand extends Error {
  /**
   * @param {"bad_command" | "unknown_command"} code
   * @param {string} reason
   * @param {number | null} id
   */
  constructor(code, reason, id) {
    super(reason);
    this.refusal = { type: "refused", id, code, reason };
  }
}

const text = { is: (value) => typeof value === "string", what: "a text" };
const key = {
  is: (value) => typeof value === "string" && value !== "" && codePoints(value) <= 64,
  what: "a text of 1 to 64 characters",
};
const whole = (least) => ({
  is: (value) => Number.isSafeInteger(value) && value >= least,
  what: `a whole number from ${least}`,
});
const optional = (kind) => ({ ...kind, optional: true });

const ID = whole(0);

/** A command's name on the wire -> its fields. */
const FIELDS = new Map(
  Object.entries({
    join: { room: text, name: text, after: optional(whole(0)) },
    leave: { room: text },
    say: { room: text, text, key: optional(key) },
    typing: { room: text },
    history: { room: text, limit: whole(1), before: optional(whole(1)) },
    rooms: {},
  }),
);

/** Every command's name on the wire. */
export const NAMES = [...FIELDS.keys()];

const LONE_SURROGATE = /\p{Surrogate}/u;

/**
 * Read one command from one JSON text.
 *
 * @param {string} json
 * @throws {BadCommand} the text is not JSON, or not a command
 */
export function decode(json) {
  const raw = parse(json);
  const id = ID.is(raw.id) ? raw.id : null;
  if (typeof raw.type !== "string") throw bad("type: expected a text", id);
  if (!FIELDS.has(raw.type)) throw unknown(raw.type, id);
  if (id === null) throw bad(`id: expected ${ID.what}`, null);
  return convert(raw.type, raw, id);
}

/**
 * Read one command from a wire that carries its name, its payload and its id apart.
 *
 * @throws {BadCommand} there is no such command, or the payload is not one of its kind
 */
export function convert(name, payload, /** @type {number} */ id) {
  const fields = FIELDS.get(name);
  if (fields === undefined) throw unknown(name, id);
  if (!isObject(payload)) throw bad(`${name}: expected an object`, id);
  const command = { type: name, id };
  for (const [field, kind] of Object.entries(fields)) {
    const value = payload[field] ?? null;
    if (!(kind.is(value) || (kind.optional && value === null))) {
      throw bad(`${name}: ${field}: expected ${kind.what}`, id);
    }
    command[field] = value;
  }
  checkUnicode(payload, id);
  return command;
}

function parse(json) {
  let raw;
  try {
    raw = JSON.parse(json);
  } catch {
    throw bad("not JSON", null);
  }
  if (!isObject(raw)) throw bad("expected an object", null);
  return raw;
}

/** Refuse lone surrogates, which JSON can escape and no UTF-8 can carry on. */
function checkUnicode(payload, id) {
  for (const value of Object.values(payload)) {
    if (typeof value === "string" && LONE_SURROGATE.test(value)) {
      throw bad("a text has no lone surrogates", id);
    }
  }
}

function isObject(value) {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function bad(reason, id) {
  return new BadCommand("bad_command", reason, id);
}

function unknown(name, id) {
  const reason = `no command ${quoted(String(name), 32)}; there are ${NAMES.join(", ")}`;
  return new BadCommand("unknown_command", reason, id);
}
