import { expect, it } from "vitest";
import type { Message } from "../room";
import { Echoes } from "./echoes";

const message = (seq: number, room = "r"): Message => ({
  type: "message",
  room,
  seq,
  name: "racer",
  text: "",
  at: 0,
});

it("counts what did not come back", async () => {
  const echoes = new Echoes("r");
  echoes.hear(message(1));
  echoes.hear(message(2, "elsewhere"));
  expect(await echoes.missing([1], 1)).toBe(0);
  expect(await echoes.missing([2, 3], 1)).toBe(2);
});

it("waits until all are there, and no longer", async () => {
  const echoes = new Echoes("r");
  const waiting = echoes.missing([4, 5], 60_000);
  echoes.hear(message(4));
  echoes.hear(message(5));
  expect(await waiting).toBe(0);
});

it("counts what came twice", async () => {
  const echoes = new Echoes("r");
  echoes.hear(message(1));
  echoes.hear(message(1));
  expect(await echoes.missing([1], 1)).toBe(1);
  echoes.hear({ type: "arrived", room: "r", name: "x", seq: 2 });
  expect(await echoes.missing([], 1)).toBe(0);
});
