/**
 * The room without a wire, for the comparison with Python's.
 *
 * Each line on standard input is a script, `{"limits": {...}, "steps": [...]}`, and is answered
 * with a line of what came of each step. A step is `{"member", "text", "now_ms"}` (one JSON text
 * from this member) or `{"member", "gone"}`.
 */

import { createInterface } from "node:readline";

import { BadCommand, decode } from "../commands.mjs";
import { Rooms, TRANSITIONS } from "../rooms.mjs";

function play({ limits, steps }) {
  const rooms = new Rooms(limits);
  return steps.map((step) => take(rooms, step));
}

function take(rooms, { member, text, now_ms: nowMs, gone }) {
  if (gone !== undefined) return rooms.gone(member, gone);
  try {
    return rooms.apply(member, decode(text), nowMs);
  } catch (error) {
    if (!(error instanceof BadCommand)) throw error;
    return [{ kind: "reply", event: error.refusal }];
  }
}

for await (const line of createInterface({ input: process.stdin })) {
  const asked = JSON.parse(line);
  console.log(JSON.stringify(asked === "transitions" ? TRANSITIONS : play(asked)));
}
