/** Which requests are admitted, by their Host and Origin. */

import assert from "node:assert/strict";
import { test } from "node:test";

import { refusalOf } from "../origin.mjs";

const HOST = "127.0.0.1:8000";
const NAMES = new Set(["127.0.0.1", "localhost", "::1", "chat.example"]);
const RULE = { origins: null, trustProxy: false, names: NAMES };

function status(headers, rule = {}) {
  return refusalOf(headers, { ...RULE, ...rule })?.status ?? null;
}

const ORIGINS = [
  [undefined, HOST, null],
  [`http://${HOST}`, HOST, null],
  [`https://${HOST}`, HOST, null],
  ["https://chat.example", "chat.example", null],
  ["https://chat.example", "Chat.Example.:443", null],
  ["http://[::1]:8000", "[0:0:0:0:0:0:0:1]:8000", null],
  ["https://chat.example", "chat.example:80", 403],
  ["ftp://chat.example", "chat.example", 403],
  ["http://127.0.0.1", HOST, 403],
  ["http://127.0.0.1:80001", HOST, 403],
  [`http://${HOST}.evil.example`, HOST, 403],
  [`http://evil.example@${HOST}`, HOST, 403],
  [`http://evil.example/${HOST}`, HOST, 403],
  ["null", HOST, 403],
  ["", HOST, 403],
  [HOST, HOST, 403],
  ["http://", undefined, 403],
  [undefined, undefined, null],
];

for (const [origin, host, answer] of ORIGINS) {
  test(`a page of ${origin} on ${host} gets ${answer}`, () => {
    assert.equal(status({ origin, host }), answer);
  });
}

for (const host of ["", ":1", "localhost:x", "localhost:65536", "a@localhost", "a, b", "[::1", "[x]"]) {
  test(`${JSON.stringify(host)} is not a Host`, () => assert.equal(status({ host }), 400));
}

for (const host of ["evil.example", "localhost.evil.example", "127.0.0.2", "[::2]"]) {
  test(`${host} is another's name`, () => {
    assert.equal(status({ host }), 421);
    assert.equal(status({ host, origin: `http://${host}` }), 421);
  });
}

test("a list alone decides, under any name", () => {
  const rule = { origins: ["https://page.example"] };
  assert.equal(status({ origin: "https://page.example", host: "inner" }, rule), null);
  assert.equal(status({ origin: `http://${HOST}`, host: HOST }, rule), 403);
  assert.equal(status({ host: HOST }, rule), null);
  assert.equal(status({ host: "inner" }, rule), 421);
});

test("what is forwarded counts where the proxy is trusted", () => {
  const page = { origin: "https://out.example", host: HOST };
  const rule = { trustProxy: true };
  const asked = { ...page, "x-forwarded-host": "evil.example, out.example" };
  assert.equal(status(asked), 403);
  assert.equal(status(asked, rule), null);
  assert.equal(status({ ...asked, host: "evil.example" }, rule), 421);
  assert.equal(status({ ...page, forwarded: 'for=1.2.3.4;host="out.example"' }, rule), null);
  assert.equal(status({ ...page, forwarded: "for=1.2.3.4" }, rule), 403);
});
