/** The token bucket counts exactly, to a thousandth of a token. */

import assert from "node:assert/strict";
import { test } from "node:test";

import { Pace, TokenBucket } from "../admission.mjs";
import { limits } from "./limits.mjs";

test("a full bucket lets its burst through, and then its pace", () => {
  const bucket = new TokenBucket(10, 3);
  assert.deepEqual([0, 0, 0, 0].map((ms) => bucket.take(ms)), [true, true, true, false]);
  assert.equal(bucket.take(99), false);
  assert.equal(bucket.take(100), true);
  assert.equal(bucket.take(100), false);
});

test("a clock that steps back adds and removes no tokens", () => {
  const bucket = new TokenBucket(10, 1);
  assert.equal(bucket.take(1000), true);
  assert.equal(bucket.take(500), false);
  assert.equal(bucket.take(599), false);
  assert.equal(bucket.take(600), true);
});

test("each member has its own bucket, which is forgotten with it", () => {
  const pace = new Pace(limits({ commands_per_s: 1, command_burst: 1 }));
  pace.check(1, 0);
  pace.check(2, 0);
  assert.throws(() => pace.check(1, 0), { code: "too_fast" });
  pace.forget(1);
  pace.check(1, 0);
});

test("without a limit no pace is too fast", () => {
  const pace = new Pace(limits({ commands_per_s: null, command_burst: 1 }));
  for (let turn = 0; turn < 10; turn += 1) pace.check(1, 0);
});
