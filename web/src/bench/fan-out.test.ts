import { expect, test } from "vitest";
import type { Command, Message, Reply, RoomEvent } from "../room";
import type { Client } from "../transports";
import { RefusedError } from "./closed-loop";
import { Audience, fanOut } from "./fan-out";

const TEXTS = ["a", "b", "c", "d", "e"];

/** A room in this process: what is said comes to every ear a little later. */
class Room implements Client {
  readonly closed = new Promise<string>(() => {});
  readonly #ears: ((event: RoomEvent) => void)[];
  #seq = 0;
  inFlight = 0;
  mostInFlight = 0;

  constructor(
    audience: Audience,
    readonly deliver: (message: Message, member: number) => Message | null = (message) => message,
    readonly type: Reply["type"] = "said",
  ) {
    this.#ears = Array.from({ length: audience.size }, () => audience.listener());
  }

  request(command: Command): Promise<Reply> {
    const text = command.type === "say" ? command.text : "";
    const message: Message = {
      type: "message",
      room: "populated room",
      seq: ++this.#seq,
      name: "",
      text,
      at: 0,
    };
    this.mostInFlight = Math.max(this.mostInFlight, ++this.inFlight);
    setTimeout(() => {
      this.inFlight--;
      for (const [member, hear] of this.#ears.entries()) {
        const delivered = this.deliver(message, member);
        if (delivered) hear(delivered);
      }
    });
    return Promise.resolve({ type: this.type, id: 1 } as Reply);
  }

  send(): void {}
  async close(): Promise<void> {}
  abandon(): void {}
}

test("every delivery is counted, and no more are in flight than the window", async () => {
  const audience = new Audience(3);
  const room = new Room(audience);
  const found = await fanOut(room, "populated room", audience, TEXTS, 2);
  expect(found).toMatchObject({ messages: 5, expected: 15, delivered: 15, out_of_order: 0 });
  expect(found.last_delivery_ns).toHaveLength(5);
  expect(room.mostInFlight).toBe(2);
});

test("a second batch counts its own", async () => {
  const audience = new Audience(3);
  const room = new Room(audience);
  await fanOut(room, "populated room", audience, TEXTS, 2);
  const found = await fanOut(room, "populated room", audience, ["f", "g"], 2);
  expect(found).toMatchObject({ messages: 2, expected: 6, delivered: 6 });
});

test("what does not come is missing once nothing comes any more", async () => {
  const audience = new Audience(3);
  const room = new Room(audience, (message, member) =>
    message.text === "b" && member === 1 ? null : message,
  );
  const found = await fanOut(room, "populated room", audience, TEXTS, 5, 50);
  expect(found).toMatchObject({ expected: 15, delivered: 14 });
  expect(found.last_delivery_ns).toHaveLength(4);
});

test("what comes twice is out of order", async () => {
  const audience = new Audience(1);
  const room = new Room(audience, (message) => ({ ...message, seq: 1 }));
  const found = await fanOut(room, "populated room", audience, TEXTS, 1);
  expect(found).toMatchObject({ delivered: 5, out_of_order: 4 });
});

test("a refusal is no figure", async () => {
  const audience = new Audience(1);
  const room = new Room(audience, (message) => message, "refused");
  await expect(fanOut(room, "populated room", audience, TEXTS, 1)).rejects.toThrow(RefusedError);
});

test("texts that are alike can't be told apart", async () => {
  const audience = new Audience(1);
  const room = new Room(audience);
  await expect(fanOut(room, "populated room", audience, ["a", "a"], 1)).rejects.toThrow(
    "by its text",
  );
});
