import { describe, expect, it } from "vitest";
import { clientOf, serverOf } from "./code";

const FALLBACKS = [
  "sse",
  "sse-h2",
  "http-stream",
  "http-stream-h2",
  "xhr-polling",
  "xhr-multipart",
  "jsonp-polling",
  "htmlfile",
];
const MOST_LINES = 10;
const TRANSPORTS = [
  { name: "websocket", family: "native" },
  { name: "node-websocket", family: "native" },
  { name: "socketio", family: "socketio" },
  { name: "node-socketio", family: "socketio" },
  ...FALLBACKS.map((name) => ({ name, family: "fallback" }) as const),
] as const;

describe.each(TRANSPORTS)("the code of $name", (transport) => {
  it.each([
    ["client", clientOf],
    ["server", serverOf],
  ])("has a few lines of the %s for each step", (_, of) => {
    const code = of(transport);
    expect(code!.lines.length).toBeLessThanOrEqual(MOST_LINES);
    expect([...new Set(code!.lines.map(({ step }) => step))].toSorted()).toEqual([
      "answer",
      "connect",
      "delivery",
      "say",
    ]);
    expect(code!.lines.every(({ text }) => text.length > 5 && text === text.trim())).toBe(true);
  });
});

it("shows what people come for", () => {
  const text = (name: string, family: "native" | "socketio") =>
    clientOf({ name, family })!
      .lines.map((line) => line.text)
      .join("\n");
  expect(text("websocket", "native")).toContain("new WebSocket(url)");
  expect(text("socketio", "socketio")).toContain("socket.emit(");
});

it("has nothing for a server that is too long to show", () => {
  expect(serverOf({ name: "websocket-tuned", family: "native" })).toBe(null);
});
