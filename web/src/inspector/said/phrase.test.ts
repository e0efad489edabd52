import { describe, expect, it } from "vitest";
import type { Meaning } from "../../control";
import { fill, type LOCALES } from "../../i18n";
import { phraseOf, type Say } from "./phrase";
import { words } from "./words";

const inLocale =
  (locale: (typeof LOCALES)[number]): Say =>
  (key, values) =>
    fill(words[locale][key], values);

const SAY: Meaning = { kind: "command", name: "say", values: { text: "hello", room: "lab" } };

describe("what a record says", () => {
  it("is said in each language", () => {
    expect(phraseOf(inLocale("en"), SAY)).toBe("say “hello”");
    expect(phraseOf(inLocale("ko"), SAY)).toBe("말하기 “hello” (say)");
  });

  it.each([
    [{ kind: "engineio", name: "ping" }, "Engine.IO heartbeat: ping"],
    [
      { kind: "engineio", name: "ping", values: { text: "probe" } },
      "Engine.IO tries the WebSocket (ping probe)",
    ],
    [{ kind: "event", name: "dance" }, "event dance"],
    [{ kind: "news", name: "of another version" }, "news of another version"],
    [{ kind: "tcp", name: "fin", values: { who: "up" } }, "FIN: the browser sends nothing more"],
    [{ kind: "tcp", name: "cut", values: { detail: "rst" } }, "TCP connection cut here (RST)"],
  ] satisfies [Meaning, string][])("says %j", (meaning, text) => {
    expect(phraseOf(inLocale("en"), meaning)).toBe(text);
  });

  it("leaves what somebody wrote as it is", () => {
    const braces: Meaning = { kind: "command", name: "say", values: { text: "{room} $&" } };
    expect(phraseOf(inLocale("en"), braces)).toBe("say “{room} $&”");
  });
});
