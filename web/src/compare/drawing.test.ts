import { describe, expect, it } from "vitest";
import { fill } from "../i18n";
import { drawingOf, type Shape, scalesOf, ticks } from "./drawing";
import type { Part } from "./waterfall";
import { type Key, words } from "./words";

const t = (key: Key, values = {}) => fill(words.en[key], values);
const bytes = { http: 0, framing: 2, payload: 6, tls: 0 };
const PART: Part = {
  rows: [
    {
      name: "say",
      blocks: [
        { kind: "page", from: 0, to: 10, bytes: null },
        { kind: "request", from: 10, to: 50, bytes },
        { kind: "waiting", from: 50, to: 50, bytes: null },
        { kind: "answer", from: 50, to: 50, bytes: { ...bytes, http: 1_000 } },
      ],
    },
    { name: "strange", blocks: [{ kind: "connect", from: 50, to: 100, bytes: null }] },
  ],
  ms: 100,
  end: 100,
  roundTrips: 1,
  up: 8,
  down: 1_008,
};
const SCALES = { handshake: 100, message: 200 };

const rects = (shapes: readonly Shape[]) =>
  shapes.flatMap((shape) => (shape.kind === "rect" && shape.fill !== "grid" ? [shape] : []));
const texts = (shapes: readonly Shape[]) =>
  shapes.flatMap((shape) => (shape.kind === "text" ? [shape.text] : []));

describe("the drawing of a lane", () => {
  const wide = drawingOf(t, { handshake: PART, message: null }, SCALES, 600);

  it("is to scale", () => {
    const found = rects(wide.shapes);
    const [page, ...others] = found;
    const connect = found.find(({ fill }) => fill === "connect")!;
    expect(page).toMatchObject({ fill: "page" });
    expect(connect.width / page!.width).toBeCloseTo(5);
    expect(others.every(({ x, width }) => x + width <= 600)).toBe(true);
    const half = drawingOf(t, { handshake: null, message: PART }, SCALES, 600);
    expect(rects(half.shapes)[0]!.width * 2).toBeCloseTo(page!.width);
  });

  it("splits what is on its way by its bytes", () => {
    const request = rects(wide.shapes).slice(1, 4);
    expect(request.map(({ fill }) => fill)).toEqual(["framing", "payload", "up"]);
    expect(request[1]!.height / request[0]!.height).toBeCloseTo(3);
    const answer = rects(wide.shapes).slice(4, 8);
    expect(answer.map(({ fill }) => fill)).toEqual(["http", "framing", "payload", "down"]);
    expect(answer[0]!.width, "without a time it can still be seen").toBeGreaterThan(1);
  });

  it("says sizes and names, and what it does not know by its own name", () => {
    expect(texts(wide.shapes)).toEqual(
      expect.arrayContaining(["say", "strange", "↑8 ↓1\u2009008 B", "0 ms"]),
    );
    expect(texts(wide.shapes)[0]).toBe("Until joined: 100 ms, 1 round trips, ↑8 ↓1\u2009008 B");
  });

  it("is as high as any other, so that nothing moves when more is known", () => {
    const long = { ...PART, rows: Array.from({ length: 10 }, () => PART.rows[0]!) };
    const both = drawingOf(t, { handshake: long, message: PART }, SCALES, 600);
    const none = drawingOf(t, { handshake: null, message: null }, SCALES, 600);
    expect([both.height, none.height]).toEqual([wide.height, wide.height]);
    const message = both.shapes.findIndex(
      (shape) => shape.kind === "text" && shape.text.startsWith("The message"),
    );
    const ends = both.shapes.slice(0, message).map((shape) => shape.y);
    expect(Math.max(...ends)).toBeLessThan(both.shapes[message]!.y);
  });

  it("has short titles on a phone", () => {
    const phone = drawingOf(t, { handshake: PART, message: null }, SCALES, 330);
    expect(texts(phone.shapes)[0]).toBe("Until joined: 100 ms, 1 round trips");
  });

  it("is empty before anything is known", () => {
    expect(drawingOf(t, { handshake: null, message: null }, SCALES, 600).shapes).toEqual([]);
  });
});

it("takes the scale of the longest lane", () => {
  const lanes = [
    { handshake: PART, message: null },
    { handshake: { ...PART, end: 300 }, message: null },
  ];
  expect(scalesOf(lanes)).toEqual({ handshake: 300, message: 0.1 });
});

it.each([
  [100, 640, [0, 10, 20, 30, 40, 50, 60, 70, 80, 90]],
  [1_460, 400, [0, 500, 1_000]],
  [0.3, 400, [0, 0.05, 0.1, 0.15, 0.2, 0.25]],
])("has round ticks: %d ms on %d px", (scale, width, found) => {
  expect(ticks(scale, width)).toEqual(found);
});
