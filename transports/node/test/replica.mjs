/**
 * Make rooms from a journal's entries, to compare them with those that Python makes.
 *
 * Each line on standard input is `{"limits": {...}, "entries": [...], "restored": [...]}`: entries in
 * base64, and the numbers of those after which the room goes on from its snapshot. The answer is one
 * line: for each entry its effects, its bytes as JavaScript encodes it, and the snapshot after it.
 */

import { createInterface } from "node:readline";

import { encodeDone, encodeGone, isChanging } from "../journal/entries.mjs";
import { RoomReplica } from "../journal/room.mjs";

function play({ limits, entries, restored }) {
  let room = new RoomReplica("lab", "x.1", limits);
  return entries.map((text, at) => {
    const number = at + 1;
    const data = Buffer.from(text, "base64");
    const { entry, effects } = room.apply({ number, origin: 1, token: 0, data });
    const { member, atMs, command, why } = entry;
    const again = command ? encodeDone(member, atMs, command) : encodeGone(member, why);
    const snapshot = room.snapshot();
    if (restored.includes(number)) {
      room = new RoomReplica("lab", "x.1", limits);
      room.restore(number, snapshot);
    }
    return {
      effects,
      again: again.toString("base64"),
      changes: command ? isChanging(limits, command) : true,
      snapshot: snapshot.toString("base64"),
      noops: room.noops,
    };
  });
}

for await (const line of createInterface({ input: process.stdin })) {
  console.log(JSON.stringify(play(JSON.parse(line))));
}
