import { describe, expect, it } from "vitest";
import type { Drawing } from "./drawing";
import { type Colours, type Picture, svgOf, wrapped } from "./picture";

const DRAWING: Drawing = {
  shapes: [
    { kind: "rect", x: 1, y: 2, width: 3, height: 4, fill: "payload" },
    { kind: "text", x: 5, y: 6, text: "<say>", fill: "text", anchor: "end", bold: true },
  ],
  height: 80,
};
const PICTURE: Picture = {
  title: "One message & two transports",
  about: "hello",
  lanes: [
    { title: "A", drawing: DRAWING },
    { title: "B", drawing: DRAWING },
  ],
  sentences: ["B waited."],
  legend: [{ fill: "payload", text: "payload" }],
};
const COLOURS = new Proxy({}, { get: (_, fill) => `rgb(${String(fill).length}, 0, 0)` }) as Colours;

describe("the picture of the view", () => {
  const svg = svgOf(PICTURE, COLOURS);

  it("is an SVG by itself, with every lane and sentence", () => {
    const parsed = new DOMParser().parseFromString(svg, "image/svg+xml");
    expect(parsed.querySelector("parsererror")).toBe(null);
    expect(parsed.querySelectorAll("g")).toHaveLength(2);
    expect(svg).not.toMatch(/class=|style=|var\(|href=/);
    for (const text of ["One message &amp; two transports", "hello", "B waited.", "&lt;say&gt;"]) {
      expect(svg).toContain(text);
    }
  });

  it("breaks long sentences between words", () => {
    const lines = wrapped("word ".repeat(60).trim());
    expect(lines.length).toBe(2);
    expect(lines.join(" ")).toBe("word ".repeat(60).trim());
    expect(wrapped("x".repeat(400))).toHaveLength(1);
    expect(wrapped("말 ".repeat(60).trim())).toHaveLength(2);
  });
});
