import { afterEach, beforeEach, expect, it, vi } from "vitest";
import type { Reply } from "../room";
import { type Client, TransportError } from "../transports";
import { Asking, SILENCE_MS } from "./asking";

const reply: Reply = { type: "left", id: 1, room: "lab" };

/** A client whose answer is ours to give. */
function client() {
  let settle: { resolve: (reply: Reply) => void; reject: (error: Error) => void };
  const request = () =>
    new Promise<Reply>((resolve, reject) => {
      settle = { resolve, reject };
    });
  const abandon = vi.fn((reason: string) => settle.reject(new TransportError(reason)));
  const answer = () => settle.resolve(reply);
  const fail = (error: Error) => settle.reject(error);
  return { ...({ request, abandon } as unknown as Client), abandon, answer, fail };
}

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
});

it("gives the reply, and looks no further", async () => {
  const one = client();
  const asked = new Asking().ask(one, { type: "rooms" });
  one.answer();
  expect(await asked).toBe(reply);
  await vi.advanceTimersByTimeAsync(2 * SILENCE_MS);
  expect(one.abandon).not.toHaveBeenCalled();
});

it("calls a line dead on which nothing came", async () => {
  const one = client();
  const asked = new Asking().ask(one, { type: "rooms" });
  await vi.advanceTimersByTimeAsync(SILENCE_MS);
  expect(await asked).toBe(null);
  expect(one.abandon).toHaveBeenCalledWith("no answer for 30 seconds");
});

it("waits on where anything came meanwhile", async () => {
  const [one, asking] = [client(), new Asking()];
  void asking.ask(one, { type: "rooms" });
  await vi.advanceTimersByTimeAsync(SILENCE_MS - 1_000);
  asking.heard();
  await vi.advanceTimersByTimeAsync(SILENCE_MS - 1_000);
  expect(one.abandon).not.toHaveBeenCalled();
  await vi.advanceTimersByTimeAsync(1_000);
  expect(one.abandon).toHaveBeenCalled();
});

it("hides no error that is not the transport's", async () => {
  const one = client();
  const asked = new Asking().ask(one, { type: "rooms" });
  one.fail(new Error("a mistake of ours"));
  await expect(asked).rejects.toThrow("a mistake of ours");
});
