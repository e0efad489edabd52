// The view as a picture to paste: one SVG that needs nothing from the page. Pure.

import type { Drawing, Fill, Shape } from "./drawing";
import { FONT_PX } from "./drawing";

export interface Picture {
  title: string;
  /** Below the title: the network, and the text that was said. */
  about: string;
  lanes: readonly { title: string; drawing: Drawing }[];
  sentences: readonly string[];
  legend: readonly { fill: Fill; text: string }[];
}

/** The colours of now, as CSS has computed them. */
export type Colours = Readonly<Record<Fill | "ground", string>>;

/** So wide is a lane's drawing in a picture. */
export const LANE_PX = 560;
const EDGE = 24;
const LINE = 20;
const CHAR_PX = 6.6;
/** From here on characters are about twice as wide: Hangul and the like. */
const WIDE_FROM = "\u1100";
/** Such a width of characters fits in a line of a sentence. */
const SENTENCE_CHARS = 150;
const FAMILY = "system-ui, 'Noto Sans', 'Noto Sans KR', sans-serif";

export function svgOf(picture: Picture, colours: Colours): string {
  const width = EDGE + picture.lanes.length * (LANE_PX + EDGE);
  const top = EDGE + 3 * LINE;
  const tall = Math.max(...picture.lanes.map(({ drawing }) => drawing.height));
  const sentences = picture.sentences.flatMap(wrapped);
  const below = top + LINE + tall + LINE;
  const height = below + (sentences.length + 1) * LINE + EDGE;
  const text = (x: number, y: number, words: string, fill: Fill, size = 14, weight = 400) =>
    `<text x="${x}" y="${y}" fill="${colours[fill]}" font-size="${size}" font-weight="${weight}">${escaped(words)}</text>`;
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}" font-family="${FAMILY}" font-size="${FONT_PX}">`,
    `<rect width="100%" height="100%" fill="${colours.ground}"/>`,
    text(EDGE, EDGE + 14, picture.title, "text", 20, 650),
    text(EDGE, EDGE + 36, picture.about, "quiet"),
    ...picture.lanes.flatMap(({ title, drawing }, n) => {
      const left = EDGE + n * (LANE_PX + EDGE);
      return [
        text(left, top + 8, title, "text", 15, 650),
        `<g transform="translate(${left} ${top + LINE})">`,
        ...drawing.shapes.map((shape) => shapeOf(shape, colours)),
        "</g>",
      ];
    }),
    ...sentences.map((line, n) => text(EDGE, below + n * LINE, line, "text", 14, 600)),
    ...legendOf(picture, below + sentences.length * LINE + 4, colours),
    "</svg>",
  ].join("\n");
}

function shapeOf(shape: Shape, colours: Colours): string {
  const { x, y } = shape;
  const fill = colours[shape.fill];
  if (shape.kind === "rect") {
    return `<rect x="${x}" y="${y}" width="${shape.width}" height="${shape.height}" fill="${fill}"/>`;
  }
  const weight = shape.bold ? ' font-weight="600"' : "";
  return `<text x="${x}" y="${y}" fill="${fill}" text-anchor="${shape.anchor}"${weight}>${escaped(shape.text)}</text>`;
}

function legendOf({ legend }: Picture, y: number, colours: Colours): string[] {
  let x = EDGE;
  return legend.map(({ fill, text }) => {
    const at = x;
    x += 34 + widthOf(text) * CHAR_PX;
    return `<rect x="${at}" y="${y - 9}" width="10" height="10" fill="${colours[fill]}"/><text x="${at + 15}" y="${y}" fill="${colours.quiet}">${escaped(text)}</text>`;
  });
}

/** In narrow characters. */
function widthOf(text: string): number {
  const wide = [...text].filter((one) => one >= WIDE_FROM && !/\p{P}|\p{Z}/u.test(one));
  return text.length + wide.length;
}

/** A sentence in lines, broken between words. */
export function wrapped(sentence: string): string[] {
  const lines = [""];
  for (const word of sentence.split(" ")) {
    const last = lines.length - 1;
    const longer = `${lines[last]} ${word}`.trim();
    if (widthOf(longer) <= SENTENCE_CHARS || lines[last] === "") lines[last] = longer;
    else lines.push(word);
  }
  return lines;
}

const ENTITIES: Readonly<Record<string, string>> = {
  "&": "&amp;",
  "<": "&lt;",
  ">": "&gt;",
  '"': "&quot;",
};

const escaped = (text: string): string => text.replace(/[&<>"]/g, (one) => ENTITIES[one]!);
