/** Which bytes count as unsent. The test itself flushes the connection and takes its bytes. */

import assert from "node:assert/strict";
import { EventEmitter } from "node:events";
import { test } from "node:test";

import { watchBacklog } from "../backlog.mjs";

class Connection extends EventEmitter {
  transport = { writable: true };
  queued = [];
  overflows = 0;

  constructor(boundBytes) {
    super();
    watchBacklog(this, boundBytes, () => {
      this.overflows += 1;
    });
  }

  /** Queue a packet. A writable transport takes it at once, and is busy after that. */
  queue(data, options) {
    const packet = { type: "message", data, options };
    this.emit("packetCreate", packet);
    this.queued.push(packet);
    this.flush();
  }

  flush() {
    if (!this.transport.writable || this.queued.length === 0) return;
    this.emit("flush", this.queued);
    this.queued = [];
    this.transport.writable = false;
  }

  /** The peer has taken the bytes. */
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

test("an overflow is reported once", () => {
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

test("a binary message counts too", () => {
  const connection = new Connection(5);
  connection.queue(Buffer.alloc(6));
  assert.equal(connection.overflows, 1);
});

test("a broadcast counts with the frame that is shared by all members", () => {
  const connection = new Connection(5);
  connection.queue("1", { wsPreEncodedFrame: [Buffer.alloc(2), Buffer.alloc(4)] });
  assert.equal(connection.overflows, 1);
});

test("a packet without data counts nothing", () => {
  const connection = new Connection(0);
  connection.queue(undefined);
  assert.equal(connection.overflows, 0);
});

test("what is left of a batch still waits", () => {
  const connection = new Connection(10);
  connection.prependListener("flush", (batch) => connection.queued = batch.splice(1));
  connection.transport.writable = false;
  connection.queue("1234");
  connection.queue("1234");
  connection.taken();
  assert.equal(connection.overflows, 0);
  connection.queue("123");
  assert.equal(connection.overflows, 1);
});
