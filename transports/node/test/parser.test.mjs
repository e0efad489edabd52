/** Which texts are Socket.IO packets, and which are refused. */

import assert from "node:assert/strict";
import { test } from "node:test";

import { Decoder } from "../parser.mjs";

function read(...packets) {
  const decoder = new Decoder();
  let decoded;
  decoder.on("decoded", (packet) => {
    decoded = packet;
  });
  for (const packet of packets) decoder.add(packet);
  return decoded;
}

test("a packet is read with its id", () => {
  assert.equal(read('27["rooms",{}]').id, 7);
  assert.equal(read('29007199254740991["rooms",{}]').id, 9_007_199_254_740_991);
  assert.equal(read('2/den,7["rooms",{}]').nsp, "/den");
  assert.equal(read('2["rooms",{}]').id, undefined);
  assert.equal(read("0").type, 0);
  assert.deepEqual(read('51-7["say",{"_placeholder":true,"num":0}]', Buffer.from("a")).id, 7);
});

for (const packets of [
  ["2"],
  ["27"],
  ["2/den,7"],
  ["51-7"],
  ["37"],
  ["27[]"],
  ["27[[]]"],
  ['27["say"'],
  ['27["connect",{}]'],
  ['29007199254740992["rooms",{}]'],
  [`2${"9".repeat(400)}["rooms",{}]`],
  ['51-7["say",{"_placeholder":true,"num":1}]', Buffer.from("a")],
  ['51-7["say",{"_placeholder":true,"num":0}]', '27["rooms",{}]'],
  [Buffer.from("a")],
]) {
  test(`${packets.join(" ").slice(0, 60)} is refused`, () => {
    assert.throws(() => read(...packets));
  });
}
