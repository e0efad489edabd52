import { expect, it } from "vitest";
import { Late, within } from "./patience";

const never = new Promise<never>(() => undefined);

it("gives what came, and what went wrong", async () => {
  const { signal } = new AbortController();
  await expect(within(Promise.resolve(7), 1_000, signal)).resolves.toBe(7);
  await expect(within(Promise.reject(new Error("no")), 1_000, signal)).rejects.toThrow("no");
});

it("does not wait for ever", async () => {
  await expect(within(never, 1, new AbortController().signal)).rejects.toBeInstanceOf(Late);
});

it("stops on request, even before it began", async () => {
  const stop = new AbortController();
  const waiting = within(never, 60_000, stop.signal);
  stop.abort(new Error("stopped"));
  await expect(waiting).rejects.toThrow("stopped");
  await expect(within(never, 60_000, stop.signal)).rejects.toThrow("stopped");
});
