/** A client's words are quoted as in Python. */

import assert from "node:assert/strict";
import { test } from "node:test";

import { quoted } from "../quoted.mjs";

test("words are quoted as Python quotes them, and cut", () => {
  assert.equal(quoted("den"), "'den'");
  assert.equal(quoted("it's"), '"it\'s"');
  assert.equal(quoted(`it's "so"`), `'it\\'s "so"'`);
  assert.equal(quoted("a\n\0\u2028\u{e0001}"), "'a\\n\\x00\\u2028\\U000e0001'");
  assert.equal(quoted("a\\b"), "'a\\\\b'");
  assert.equal(quoted("\u{12000}".repeat(9), 2), `'${"\u{12000}".repeat(2)}'`);
});
