import { describe, expect, it } from "vitest";
import { decodePayload, encodePayload, MalformedError, message } from "./payload";

const text = (json: string) => ({ kind: "4", data: json });

describe("payloads", () => {
  it("carry one packet as it is", () => {
    expect(encodePayload([message("{}")])).toBe("4:::{}");
    expect(decodePayload("4:::{}")).toEqual([text("{}")]);
    expect(decodePayload("8::")).toEqual([{ kind: "8", data: "" }]);
    expect(decodePayload("7:::1+0")).toEqual([{ kind: "7", data: "1+0" }]);
  });

  it.each([
    ["plain", ["1::", message("{}")]],
    ["a mark in a text", [message("\ufffd5\ufffd"), message("x")]],
    ["pairs of surrogates", [message("👩‍🔬"), message("한국어")]],
    ["line ends", [message("a\nb\u2028c"), message("")]],
  ])("carry several behind their lengths: %s", (_, packets) => {
    const kinds = decodePayload(encodePayload(packets));
    expect(kinds).toEqual(packets.map((packet) => decodePayload(packet)[0]));
  });

  it.each(["\ufffd", "\ufffd9\ufffd1::", "\ufffdx\ufffd1::", "\ufffd3\ufffd1::x", "nonsense", ""])(
    "refuse what is none: %j",
    (payload) => {
      expect(() => decodePayload(payload)).toThrow(MalformedError);
    },
  );
});
