import { expect, it } from "vitest";
import type { LoggedEvent } from "../room";
import { follows, newDay } from "./days";

const MINUTE_MS = 60_000;
const NOON = new Date(2026, 10, 29, 12).getTime();
const said = (name: string, at: number): LoggedEvent => ({
  type: "message",
  room: "r",
  seq: 1,
  name,
  text: "x",
  at,
});
const came: LoggedEvent = { type: "arrived", room: "r", name: "ann", seq: 2 };

it("puts together what somebody says in a row, until there is a pause", () => {
  const first = said("ann", NOON);
  expect(follows(first, said("ann", NOON + MINUTE_MS))).toBe(true);
  expect(follows(first, said("ann", NOON + 6 * MINUTE_MS))).toBe(false);
  expect(follows(first, said("bob", NOON))).toBe(false);
  expect(follows(came, first)).toBe(false);
});

it("finds where another day begins, whatever lies between", () => {
  const entries = [said("ann", NOON), came, said("bob", NOON + 24 * 60 * MINUTE_MS), came];
  expect(entries.map((_, at) => newDay(entries, at))).toEqual([false, false, true, false]);
});
