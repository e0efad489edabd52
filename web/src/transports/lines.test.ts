import { describe, expect, it } from "vitest";
import { linesOf, packetOf } from "./lines";
import { CLOSE, encodePayload, HEARTBEAT, MalformedError, message } from "./payload";

describe("lines of JSON", () => {
  it("carry objects as they are, and other packets as arrays", () => {
    const packets = [message('{"type":"say"}'), HEARTBEAT, message('"[2]"'), CLOSE];
    expect(linesOf(encodePayload(packets))).toBe('{"type":"say"}\n[2]\n[4,"[2]"]\n[0]\n');
  });

  it.each([message("{}"), message('{"text":"[2] \\n \u2028"}'), message("[2]"), "1::", CLOSE])(
    "are read as they were written: %j",
    (packet) => {
      const lines = linesOf(packet);
      expect(lines.indexOf("\n")).toBe(lines.length - 1);
      expect(packetOf(lines.slice(0, -1))).toBe(packet);
    },
  );

  it.each(["", "2", '"2::"', "[9]", "[2", "[2]x", "null"])("refuse what is none: %j", (line) => {
    expect(() => packetOf(line)).toThrow(MalformedError);
  });
});
