/** Which page may connect: the same host, or a list. */

import assert from "node:assert/strict";
import { test } from "node:test";

import { allowed } from "../origin.mjs";

const HOST = "127.0.0.1:8000";

const SAME_HOST = [
  [undefined, true],
  [`http://${HOST}`, true],
  [`https://${HOST}`, true],
  ["http://127.0.0.1", false],
  ["http://127.0.0.1:80001", false],
  [`http://${HOST}.evil.example`, false],
  [`http://evil.example@${HOST}`, false],
  [`http://evil.example/${HOST}`, false],
  ["null", false],
  ["", false],
  [HOST, false],
];

for (const [origin, answer] of SAME_HOST) {
  test(`${origin} is ${answer ? "let in" : "foreign"}`, () => {
    assert.equal(allowed(origin, HOST, null), answer);
  });
}

test("without a Host nothing is the same host", () => {
  assert.equal(allowed("http://", "", null), false);
  assert.equal(allowed("http://", undefined, null), false);
});

test("a list alone decides", () => {
  const list = ["https://chat.example"];
  assert.equal(allowed("https://chat.example", HOST, list), true);
  assert.equal(allowed(`http://${HOST}`, HOST, list), false);
  assert.equal(allowed(undefined, HOST, list), true);
});
