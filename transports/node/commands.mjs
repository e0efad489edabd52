/**
 * Read the commands of the room from untrusted input. It accepts the same commands as
 * lab/chat/commands.py, and refuses the others with the same codes.
 */

import { codePoints } from "./admission.mjs";
import { quoted } from "./quoted.mjs";

/** The input is not a command. `refusal` is the answer to it. */
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

/** A command's name in JSON -> its fields. */
const FIELDS = new Map(
  Object.entries({
    join: { room: text, name: text, after: optional(whole(0)), epoch: optional(text) },
    leave: { room: text },
    say: { room: text, text, key: optional(key) },
    typing: { room: text },
    history: { room: text, limit: whole(1), before: optional(whole(1)) },
    rooms: { after: optional(text), limit: optional(whole(1)) },
  }),
);

/** The names of all commands. */
export const NAMES = [...FIELDS.keys()];

/** A field whose value is a string, a number or a literal, and the comma or brace after it. */
const PLAIN_FIELD =
  /\s*"(?<name>[^"\\]*)"\s*:\s*(?<value>"(?:[^"\\]|\\.)*"|[-+.\w]+)\s*(?<end>,|})/;
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
 * Read one command whose name, payload and id come apart, as in a Socket.IO packet.
 *
 * @throws {BadCommand} there is no such command, or the payload does not fit it
 */
export function convert(name, payload, /** @type {number} */ id) {
  const fields = FIELDS.get(name);
  if (fields === undefined) throw unknown(name, id);
  if (!isObject(payload)) throw bad(`${name}: expected an object`, id);
  const command = { type: name, id };
  for (const [field, kind] of Object.entries(fields)) {
    const value = Object.hasOwn(payload, field) ? (payload[field] ?? null) : null;
    if (!(kind.is(value) || (kind.optional && value === null))) {
      throw bad(`${name}: ${field}: expected ${kind.what}`, id);
    }
    command[field] = value;
  }
  if (hasLoneSurrogates(payload)) throw bad(`${name}: no lone surrogates`, id);
  return command;
}

/**
 * Return the command that came in, or the refusal of what is not a command.
 *
 * @param {() => object} reading `decode` or `convert`
 */
export function read(reading) {
  try {
    return { command: reading() };
  } catch (error) {
    if (!(error instanceof BadCommand)) throw error;
    return { refusal: error.refusal };
  }
}

function parse(json) {
  let raw;
  try {
    raw = JSON.parse(json);
  } catch {
    throw bad("not JSON", leadingId(json));
  }
  if (!isObject(raw)) throw bad("expected an object", null);
  return raw;
}

/** The `id` of an object that is not valid JSON, if only plain fields stand before the `id`. */
function leadingId(json) {
  const begin = /\s*\{/y;
  if (!begin.test(json)) return null;
  const field = new RegExp(PLAIN_FIELD, "sy");
  field.lastIndex = begin.lastIndex;
  let found;
  do {
    found = field.exec(json);
    if (found?.groups.name === "id") return idIn(found.groups.value);
  } while (found?.groups.end === ",");
  return null;
}

function idIn(digits) {
  const id = /^\d{1,16}$/.test(digits) ? Number(digits) : null;
  return ID.is(id) ? id : null;
}

/** Whether a string or a field's name has a lone surrogate: JSON can escape it, UTF-8 has none. */
function hasLoneSurrogates(payload) {
  const left = [payload]; // no recursion: JSON may be nested deeper than the stack allows
  while (left.length > 0) {
    const value = left.pop();
    if (typeof value === "string" && LONE_SURROGATE.test(value)) return true;
    if (typeof value !== "object" || value === null || ArrayBuffer.isView(value)) continue;
    if (!Array.isArray(value)) for (const name of Object.keys(value)) left.push(name);
    for (const each of Object.values(value)) left.push(each);
  }
  return false;
}

function isObject(value) {
  const isOther = Array.isArray(value) || ArrayBuffer.isView(value);
  return typeof value === "object" && value !== null && !isOther;
}

function bad(reason, id) {
  return new BadCommand("bad_command", reason, id);
}

function unknown(name, id) {
  const reason = `no command ${quoted(String(name), 32)}; there are ${NAMES.join(", ")}`;
  return new BadCommand("unknown_command", reason, id);
}
