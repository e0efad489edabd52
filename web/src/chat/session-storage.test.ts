import { beforeEach, expect, it } from "vitest";
import { type Action, reduce } from "./reduce";
import { keep, kept } from "./session-storage";
import { NOBODY } from "./state";

beforeEach(() => {
  sessionStorage.clear();
});

const actions: Action[] = [
  { type: "entered", name: "me", transport: "sse" },
  { type: "wanted", room: "lab" },
  { type: "say", room: "lab", key: "a", text: "on its way" },
  { type: "say", room: "lab", key: "b", text: "refused" },
  { type: "failed", room: "lab", key: "b", code: "too_fast" },
];

it("keeps what the server has not confirmed, and not what it has refused", () => {
  keep(actions.reduce(reduce, NOBODY));
  expect(kept()).toEqual({
    name: "me",
    transport: "sse",
    current: "lab",
    rooms: [{ room: "lab", pending: [{ key: "a", text: "on its way" }] }],
  });
});

it("keeps nothing of who has left", () => {
  keep(actions.reduce(reduce, NOBODY));
  keep(NOBODY);
  expect(kept()).toBe(null);
});
