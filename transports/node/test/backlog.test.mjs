/** What counts as unsent, on a connection that is flushed and written to by hand. */

import assert from "node:assert/strict";
import { EventEmitter } from "node:events";
import { test } from "node:test";

import { watchBacklog } from "../backlog.mjs";

class Connection extends EventEmitter {
  transport = { writable: true };
  queued = 0;
  overflows = 0;

  constructor(boundBytes) {
    super();
    watchBacklog(this, boundBytes, () => {
      this.overflows += 1;
    });
  }

  /** Queue a packet, which a writable transport takes at once, and is then busy with. */
  queue(data, options) {
    this.emit("packetCreate", { type: "message", data, options });
    this.queued += 1;
    this.flush();
  }

  flush() {
    if (!this.transport.writable || this.queued === 0) return;
    this.emit("flush");
    this.queued = 0;
    this.transport.writable = false;
  }

  /** The peer took what it was sent. */
  taken() {
    this.transport.writable = true;
    this.flush();
  }
}

test("a peer that takes what it is sent never overflows", () => {
  const connection = new Connection(10);
  for (let turn = 0; turn < 100; turn += 1) {
    connection.queue("12345678");
    connection.taken();
  }
  assert.equal(connection.overflows, 0);
});

test("what is being sent counts until it is taken", () => {
  const connection = new Connection(10);
  connection.queue("12345");
  connection.queue("12345");
  assert.equal(connection.overflows, 0);
  connection.taken();
  connection.queue("12345");
  assert.equal(connection.overflows, 0);
  connection.queue("1");
  assert.equal(connection.overflows, 1);
});

test("it is said once", () => {
  const connection = new Connection(1);
  connection.queue("12");
  connection.queue("12");
  assert.equal(connection.overflows, 1);
});

test("bytes are counted, not characters", () => {
  const connection = new Connection(5);
  connection.queue("\u00e9\u00e9\u00e9");
  assert.equal(connection.overflows, 1);
});

test("of a broadcast the frame counts that was made for all", () => {
  const connection = new Connection(5);
  connection.queue("1", { wsPreEncodedFrame: [Buffer.alloc(2), Buffer.alloc(4)] });
  assert.equal(connection.overflows, 1);
});

test("a packet without data is no burden", () => {
  const connection = new Connection(0);
  connection.queue(undefined);
  assert.equal(connection.overflows, 0);
});
