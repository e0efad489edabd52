import { expect, it } from "vitest";
import type { Limits } from "../room";
import { freeName, isRoomName } from "./room-link";

const limits = { room_chars: 5 } as Limits;

it.each([
  ["lab", true],
  ["한국어방", true],
  ["👩‍🔬", false],
  ["too long", false],
  [" lab", false],
  ["a\nb", false],
])("says whether a room may be called %j", (name, may) => {
  expect(isRoomName(name, limits)).toBe(may);
});

it("finds a name that nobody has", () => {
  expect(freeName("ada", [])).toBe("ada");
  expect(freeName("ada", ["bob"])).toBe("ada");
  expect(freeName("ada", ["ada"])).toBe("ada 2");
  expect(freeName("ada", ["ada", "ada 2"])).toBe("ada 3");
  expect(freeName("", ["ada"])).toBe("");
});
