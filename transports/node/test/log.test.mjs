/** The log has two bounds, and forgets a key together with its message. */

import assert from "node:assert/strict";
import { test } from "node:test";

import { MemoryLog } from "../log.mjs";
import { limits } from "./limits.mjs";

function filled(count, changed) {
  const log = new MemoryLog(limits(changed));
  for (let seq = 1; seq <= count; seq += 1) log.append(message(seq), `k${seq}`);
  return log;
}

function message(seq) {
  return { type: "message", room: "den", seq, name: "ann", text: "", at: 0 };
}

const seqs = (events) => events.map((event) => event.seq);

test("the oldest events go first, and their keys with them", () => {
  const log = filled(5, { log_events: 3 });
  assert.deepEqual(seqs(log.since("den", 0).events), [3, 4, 5]);
  assert.equal(log.keyed("den", "ann", "k2"), undefined);
  assert.equal(log.keyed("den", "ann", "k3").seq, 3);
  assert.equal(log.lastSeq("den"), 5);
});

test("the bound on bytes counts too, and may leave no event", () => {
  const bytes = 256 + JSON.stringify(message(1)).length + "ann\nk1".length;
  assert.deepEqual(seqs(filled(5, { log_bytes: 2 * bytes }).since("den", 0).events), [4, 5]);
  assert.deepEqual(seqs(filled(5, { log_bytes: bytes - 1 }).since("den", 0).events), []);
});

test("a replay is truncated if the log begins later", () => {
  const log = filled(5, { log_events: 3 });
  assert.deepEqual([0, 1, 2, 5, 9].map((after) => log.since("den", after).truncated), [
    true,
    true,
    false,
    false,
    false,
  ]);
});

test("pages end before `before`", () => {
  const log = filled(5, { log_events: 4 });
  assert.deepEqual(seqs(log.page("den", null, 2)), [4, 5]);
  assert.deepEqual(seqs(log.page("den", 4, 9)), [2, 3]);
  assert.deepEqual(seqs(log.page("den", 1, 9)), []);
  assert.deepEqual(seqs(log.page("den", 99, 1)), [5]);
});

test("an unknown room is empty", () => {
  const log = new MemoryLog(limits());
  assert.equal(log.lastSeq("den"), 0);
  assert.deepEqual(log.since("den", 0), { events: [], truncated: false });
  assert.deepEqual(log.page("den", null, 9), []);
});
