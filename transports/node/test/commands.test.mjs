/** Which inputs are commands, and which answer the others get. */

import assert from "node:assert/strict";
import { test } from "node:test";

import { convert, decode } from "../commands.mjs";

test("a command is read with all its fields and no others", () => {
  assert.deepEqual(decode('{"type":"join","id":1,"room":"den","name":"ann","admin":true}'), {
    type: "join",
    id: 1,
    room: "den",
    name: "ann",
    after: null,
    epoch: null,
  });
});

const NONE = [
  ["not JSON", null, "bad_command"],
  ["[]", null, "bad_command"],
  ["null", null, "bad_command"],
  ['{"id":7}', 7, "bad_command"],
  ['{"type":7,"id":7}', 7, "bad_command"],
  ['{"type":"rooms"}', null, "bad_command"],
  ['{"type":"rooms","id":-1}', null, "bad_command"],
  ['{"type":"rooms","id":9007199254740992}', null, "bad_command"],
  ['{"type":"rooms","id":1.5}', null, "bad_command"],
  ['{"type":"shout","id":7}', 7, "unknown_command"],
  ['{"type":"constructor","id":7}', 7, "unknown_command"],
  ['{"type":"__proto__","id":7}', 7, "unknown_command"],
  ['{"type":"shout"}', null, "unknown_command"],
  ['{"type":"join","id":7,"room":"den"}', 7, "bad_command"],
  ['{"type":"join","id":7,"room":"den","name":"ann","after":-1}', 7, "bad_command"],
  ['{"type":"say","id":7,"room":"den","text":"a","key":""}', 7, "bad_command"],
  [`{"type":"say","id":7,"room":"den","text":"a","key":"${"k".repeat(65)}"}`, 7, "bad_command"],
  ['{"type":"say","id":7,"room":"den","text":"\\ud800"}', 7, "bad_command"],
  ['{"type":"history","id":7,"room":"den","limit":0}', 7, "bad_command"],
  ['{"type":"history","id":7,"room":"den","limit":1e999}', 7, "bad_command"],
  ['{"type":"say","id":7,"room":"den","text":"a","x":"\\udc00"}', 7, "bad_command"],
  ['{"type":"say","id":7,"room":"den","text":"a","x":[{"\\udc00":1}]}', 7, "bad_command"],
  ['{"type":"rooms","id":7,"after":7}', 7, "bad_command"],
  ['{"type":"rooms","id":7,"limit":0}', 7, "bad_command"],
  ['{"type":"join","id":7,"room":"den","name":"ann","epoch":7}', 7, "bad_command"],
  ['{"type":"say","id":7,"room":"den","text":"a', 7, "bad_command"],
  ['{"id" : 7}}', 7, "bad_command"],
  ['{"id":7', null, "bad_command"],
  ['{"a":"\\"id\\":8,","id":7,', 7, "bad_command"],
  ['{"a":[],"id":7,', null, "bad_command"],
  ['{"a":1}"id":7,', null, "bad_command"],
  ['{"id":9007199254740992,', null, "bad_command"],
];

for (const [json, id, code] of NONE) {
  test(`${json.slice(0, 60)} is refused`, () => {
    assert.throws(() => decode(json), ({ refusal }) => {
      assert.deepEqual([refusal.type, refusal.id, refusal.code], ["refused", id, code]);
      return refusal.reason !== "";
    });
  });
}

test("a payload that is not an object is not a command", () => {
  for (const payload of [undefined, null, "den", 7, ["den"], () => {}]) {
    assert.throws(() => convert("leave", payload, 0), { message: /expected an object/ });
  }
});

test("null means that a field is left out", () => {
  const { after } = convert("join", { room: "den", name: "ann", after: null }, 0);
  assert.equal(after, null);
});

test("an unknown field that is nested deeply is ignored", () => {
  const json = `{"type":"rooms","id":7,"x":${"[".repeat(50_000)}${"]".repeat(50_000)}}`;
  assert.equal(decode(json).type, "rooms");
});
