import { describe, expect, it } from "vitest";
import type { TransportInfo } from "../control";
import { fromLink, PRESETS, presetOf, type Settings, toLink, USUAL } from "./settings";

const info = (name: string, reason: string | null = null): TransportInfo => ({
  name,
  summary: "",
  family: "native",
  websocket: true,
  polling: false,
  available: reason === null,
  reason,
  unsafe: null,
  group: "core",
  own_rooms: false,
  webtransport: false,
  msgpack: false,
  http2: false,
  relayed: true,
});
const KNOWN = [info("websocket"), info("socketio"), info("sse"), info("flashsocket", "no browser")];

describe("a shared link", () => {
  it.each<[string, Settings]>([
    ["the usual view", USUAL],
    ["a network", { ...USUAL, network: PRESETS.satellite }],
    ["other transports", { ...USUAL, transports: ["sse", "websocket"] }],
    ["a text", { ...USUAL, text: "안녕 & 100 % = 👋" }],
  ])("restores %s", (_, settings) => {
    expect(fromLink(toLink(settings), KNOWN)).toEqual({ settings, missing: [] });
  });

  it("is not needed", () => {
    expect(fromLink("", KNOWN)).toEqual({ settings: USUAL, missing: [] });
  });

  it("of another version gives the usual view, and says so", () => {
    const link = toLink({ ...USUAL, text: "hi" }).replace("v=1", "v=9");
    expect(fromLink(link, KNOWN)).toEqual({
      settings: USUAL,
      missing: [{ what: "version", name: "9" }],
    });
    expect(fromLink("%", KNOWN).missing).toEqual([{ what: "version", name: "" }]);
  });

  it("to a transport that isn't there has the usual one in its place", () => {
    const { settings, missing } = fromLink(
      toLink({ ...USUAL, transports: ["nonsense", "flashsocket"], text: "hi" }),
      KNOWN,
    );
    expect(settings).toEqual({ ...USUAL, text: "hi" });
    expect(missing).toEqual([
      { what: "transport", name: "nonsense" },
      { what: "unavailable", name: "flashsocket", reason: "no browser" },
    ]);
  });

  it.each(["x", "5,6,", "-1,0,", "6000,0,", "5,0,10", "5,0,1.5", ""])(
    "to a network that can't be, %s, has none",
    (network) => {
      const link = toLink(USUAL).replace("network=0%2C0%2C", `network=${network}`);
      expect(fromLink(link, KNOWN)).toEqual({
        settings: USUAL,
        missing: [{ what: "network", name: network }],
      });
    },
  );
});

it("finds the preset of a network", () => {
  expect(presetOf({ ...PRESETS.mobile })).toBe("mobile");
  expect(presetOf({ ...PRESETS.mobile, delay_ms: 26 })).toBe(null);
});
