import { expect, it } from "vitest";
import { sayBytes, sayTime, shortened, tersely } from "./format";

it("says times in seconds, and bytes exactly", () => {
  expect(sayTime(1_234.5678)).toBe("1.235");
  expect([0, 999, 1_000, 1_234_567].map(sayBytes)).toEqual([
    "0",
    "999",
    "1\u2009000",
    "1\u2009234\u2009567",
  ]);
});

it.each([
  ["GET /socket.io/?EIO=4&transport=polling&sid=x", "GET /socket.io/ (polling)"],
  ["POST /socket.io/1/xhr-polling/1f0cdd0a6f1b4f0e9c?t=1", "POST /socket.io/1/xhr-polling/…"],
  ["GET /", "GET /"],
  ["200 OK", "200 OK"],
])("shortens %s", (line, short) => {
  expect(shortened(line)).toBe(short);
});

it("leaves out the layer that only carries another", () => {
  expect(tersely("Engine.IO message, Socket.IO event, say #1 → lab")).toBe(
    "Socket.IO event, say #1 → lab",
  );
  expect(tersely("Engine.IO ping probe")).toBe("Engine.IO ping probe");
});
