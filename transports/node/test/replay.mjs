/**
 * Run the room without a transport, to compare it with the room in Python.
 *
 * Each line on standard input is a script, `{"limits": {...}, "life": "...", "steps": [...]}`. The
 * answer is one line with the effects of each step. A step is `{"member", "text", "now_ms"}` (one
 * JSON text from this member) or `{"member", "gone"}`. The answer to `{"names": [...]}` is which of
 * them can be shown, and the answer to `"transitions"` is the table.
 */

import { createInterface } from "node:readline";

import { decode, read } from "../commands.mjs";
import { isShown } from "../names.mjs";
import { Rooms, TRANSITIONS } from "../rooms.mjs";

function play({ limits, life, steps }) {
  const rooms = new Rooms(limits, life);
  return steps.map((step) => take(rooms, step));
}

function take(rooms, { member, text, now_ms: nowMs, gone }) {
  if (gone !== undefined) return rooms.gone(member, gone);
  const { command, refusal } = read(() => decode(text));
  return refusal ? rooms.refuse(member, refusal, nowMs) : rooms.apply(member, command, nowMs);
}

function answer(request) {
  if (request === "transitions") return TRANSITIONS;
  if (request.names !== undefined) return request.names.map(isShown);
  return play(request);
}

for await (const line of createInterface({ input: process.stdin })) {
  console.log(JSON.stringify(answer(JSON.parse(line))));
}
