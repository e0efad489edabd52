// Fan-out, as lab/load/fan_out.py has it: every message to every member of a room, a window of
// messages in flight, all of them counted. A message leaves the window with its last delivery.

import type { RoomEvent } from "../room";
import type { Client } from "../transports";
import { nowNs } from "./clock";
import { ask } from "./closed-loop";

/** With nothing delivered for so long, what is missing counts as lost. */
const STALL_MS = 10_000;

export interface FanOut {
  messages: number;
  expected: number;
  delivered: number;
  out_of_order: number;
  /** Per message, from the call that sent it until its last member had it. */
  last_delivery_ns: number[];
}

/** The members' ears: counts each message's deliveries and checks each member's order. */
export class Audience {
  delivered = 0;
  outOfOrder = 0;
  readonly #left = new Map<string, number>();
  #complete: (text: string) => void = () => {};

  constructor(readonly size: number) {}

  /** Count the deliveries of `texts` from now on, and of no others. */
  expect(texts: readonly string[], complete: (text: string) => void): void {
    this.#left.clear();
    for (const text of texts) this.#left.set(text, this.size);
    if (this.#left.size < texts.length) throw new Error("a delivery finds its message by its text");
    this.#complete = complete;
  }

  /** A new member's ear. */
  listener(): (event: RoomEvent) => void {
    let lastSeq = 0;
    return (event) => {
      if (event.type !== "message") return;
      if (event.seq <= lastSeq) this.outOfOrder++;
      lastSeq = event.seq;
      this.#count(event.text);
    };
  }

  #count(text: string): void {
    const left = this.#left.get(text);
    if (left === undefined) return; // of a batch that was given up, or once too often
    this.delivered++;
    if (left > 1) this.#left.set(text, left - 1);
    else {
      this.#left.delete(text);
      this.#complete(text);
    }
  }
}

/**
 * Say every text, at most `window` of them in flight, until all are delivered or none comes.
 *
 * Rejects where the sender's connection ends, a text is refused, or two texts are alike.
 */
export async function fanOut(
  sender: Client,
  room: string,
  audience: Audience,
  texts: readonly string[],
  window: number,
  stallMs = STALL_MS,
): Promise<FanOut> {
  const { delivered, outOfOrder } = audience;
  const samples = await sayAll(sender, room, audience, texts, window, stallMs);
  return {
    messages: texts.length,
    expected: texts.length * audience.size,
    delivered: audience.delivered - delivered,
    out_of_order: audience.outOfOrder - outOfOrder,
    last_delivery_ns: samples,
  };
}

/** One sample for each message that was complete before all were, or before it stalled. */
async function sayAll(
  sender: Client,
  room: string,
  audience: Audience,
  texts: readonly string[],
  window: number,
  stallMs: number,
): Promise<number[]> {
  const sentNs = new Map<string, number>();
  const samples: number[] = [];
  const { promise: over, resolve, reject } = settled();
  const waiting = texts.values();
  const sayNext = () => {
    const text = waiting.next().value;
    if (text === undefined) return;
    sentNs.set(text, nowNs());
    ask(sender, { type: "say", room, text }, "said").catch(reject);
  };
  audience.expect(texts, (text) => {
    samples.push(nowNs() - sentNs.get(text)!);
    if (samples.length === texts.length) resolve();
    else sayNext();
  });
  const stalled = whenStalled(audience, stallMs, resolve);
  for (let free = window; free > 0; free--) sayNext();
  try {
    await over;
    return samples;
  } finally {
    clearInterval(stalled);
    audience.expect([], () => {});
  }
}

/** Call `giveUp` once a whole interval has passed without a delivery; returns the interval. */
function whenStalled(
  audience: Audience,
  stallMs: number,
  giveUp: () => void,
): ReturnType<typeof setInterval> {
  let seen = audience.delivered;
  return setInterval(() => {
    if (audience.delivered === seen) giveUp();
    seen = audience.delivered;
  }, stallMs);
}

/** A promise, and what settles it. */
function settled(): {
  promise: Promise<void>;
  resolve: () => void;
  reject: (error: unknown) => void;
} {
  let resolve!: () => void;
  let reject!: (error: unknown) => void;
  const promise = new Promise<void>((done, failed) => {
    resolve = done;
    reject = failed;
  });
  return { promise, resolve, reject };
}
