import { describe, expect, it } from "vitest";
import type { TransportInfo } from "../control";
import { fill } from "../i18n";
import {
  bytesOf,
  folded,
  hueOf,
  msText,
  problemText,
  reasonOf,
  titleOf,
  typingText,
} from "./phrases";
import { type Key, words } from "./words";

const t = (key: Key, values = {}) => fill(words.en[key], values);

describe("words", () => {
  it("have the same places to fill in, in every language", () => {
    const places = (text: string) => [...text.matchAll(/\{\w+\}/g)].map(String).sort();
    for (const key of Object.keys(words.en) as Key[]) {
      expect(places(words.ko[key]), key).toEqual(places(words.en[key]));
    }
  });
});

describe("phrases", () => {
  it("call a transport by its title, or else by its name", () => {
    expect(titleOf(t, "htmlfile")).toBe("Forever iframe (htmlfile)");
    expect(titleOf(t, "toString")).toBe("toString");
  });

  it("say a refusal with the limit that it is about", () => {
    const limits = { name_chars: 32, room_chars: 64 } as never;
    const refused = { kind: "refused", code: "bad_name", reason: "", room: "lab", again: false };
    expect(problemText(t, refused as never, limits, "en")).toContain("1 to 32 characters");
    expect(problemText(t, { ...refused, again: true } as never, limits, "en")).toContain(
      "still holds",
    );
  });

  it("say why a transport ended in the language of the page, where they know it", () => {
    const ended = (reason: string) =>
      problemText(t, { kind: "transport", reason }, undefined, "ko").replace(
        "The connection ended: ",
        "",
      );
    expect(ended("the stream broke")).toBe("스트림이 끊어졌습니다.");
    expect(ended("HTTP 404: gone")).toBe("HTTP 404: gone.");
  });

  it("say why a transport can't be had in the language of the page", () => {
    const transport = (name: string, reason: string) => ({ name, reason }) as TransportInfo;
    const missing = "needs picows: pip install transport-lab";
    expect(reasonOf(t, transport("picows", missing), "en")).toBe(missing);
    expect(reasonOf(t, transport("picows", missing), "ko")).toBe(
      "picows 필요: pip install transport-lab",
    );
    expect(reasonOf(t, transport("loopback", "no socket"), "ko")).toBe(t("reason_loopback"));
  });

  it("say who types", () => {
    expect(typingText(t, [])).toBe("");
    expect(typingText(t, ["ada"])).toBe("ada is typing…");
    expect(typingText(t, ["ada", "bob"])).toBe("ada and bob are typing…");
    expect(typingText(t, ["ada", "bob", "carl"])).toBe("3 people are typing…");
  });

  it("fold what is long, or has many lines", () => {
    expect(folded("x".repeat(800))).toBe(null);
    expect(folded("x".repeat(801))).toBe(`${"x".repeat(800)}…`);
    expect(folded("\n".repeat(40))).toBe(`${"\n".repeat(11)}…`);
  });

  it("count bytes as the server does, and colours by name", () => {
    expect(bytesOf("한국어👩")).toBe(13);
    expect(hueOf("ada")).toBe(hueOf("ada"));
    expect([msText(0.44), msText(9.96), msText(1234.5)]).toEqual(["0.4", "10", "1235"]);
  });
});
