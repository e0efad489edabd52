/** Which poll repeats the last one, and which parameters a query has. */

import assert from "node:assert/strict";
import { test } from "node:test";

import { queryOf } from "../query.mjs";
import { Polls } from "../repeats.mjs";

test("only the last poll's stamp on another connection is a repeat", () => {
  const [polls, one, other] = [new Polls(), {}, {}];
  assert.equal(polls.repeats("1", one), false);
  assert.equal(polls.repeats("1", other), true);
  assert.equal(polls.repeats("2", one), false);
  assert.equal(polls.repeats("2", one), false);
  assert.equal(polls.repeats("1", other), false);
  assert.equal(polls.repeats(undefined, one), false);
  assert.equal(polls.repeats(undefined, other), false);
});

for (const [target, query] of Object.entries({
  "/": {},
  "/?": {},
  "/?EIO=4&t=a%20b": { EIO: "4", t: "a b" },
  "/?EIO=4&EIO=3": { EIO: "4" },
  "/?sid=&EIO=4&": { EIO: "4" },
  "/?sid=&sid=x": { sid: "x" },
})) {
  test(`the query of ${target}`, () => {
    assert.deepEqual({ ...queryOf(target) }, query);
  });
}
