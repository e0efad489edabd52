// A lane's waterfall as shapes, in CSS pixels: what the page shows, and what its picture has. Pure.

import type { Words } from "../i18n";
import { sayBytes } from "../inspector/format";
import { sayMs } from "./seen";
import type { Block, Bytes, Part, Row } from "./waterfall";
import type { Key } from "./words";

export type Fill =
  | "payload"
  | "framing"
  | "tls"
  | "http"
  | "connect"
  | "waiting"
  | "page"
  | "grid"
  | "up"
  | "down"
  | "text"
  | "quiet";

export type Shape =
  | { kind: "rect"; x: number; y: number; width: number; height: number; fill: Fill }
  | {
      kind: "text";
      x: number;
      y: number;
      text: string;
      fill: Fill;
      anchor: "start" | "end";
      bold?: true;
    };

export interface Drawing {
  shapes: readonly Shape[];
  height: number;
}

export const FONT_PX = 12;
const ROW = 17;
/** A handshake has room for so many rows from the first; more stand closer, so that nothing moves. */
const ROWS = 7;
const BAR = 11;
const WAY = 2;
const HEAD = 20;
const AXIS = 17;
const GAP = 6;
/** So narrow a block can still be seen. */
const LEAST = 1.5;
const NAMES_PX = 76;
const BYTES_PX = 98;
/** In a narrow drawing titles are short. */
const NARROW_PX = 420;
/** Every other tick of a scale has at least so much room. */
const TICK_PX = 64;

/** Both parts, each to its scale: in so many ms the bars reach the right side. */
export interface Scales {
  handshake: number;
  message: number;
}

/** The scales that show these parts of all lanes beside each other. */
export function scalesOf(
  lanes: readonly { handshake: Part | null; message: Part | null }[],
): Scales {
  const longest = (part: "handshake" | "message") =>
    Math.max(0.1, ...lanes.map((lane) => lane[part]?.end ?? 0));
  return { handshake: longest("handshake"), message: longest("message") };
}

/** Where the message begins. */
const BELOW = HEAD + ROWS * ROW + AXIS + GAP;
const HEIGHT = BELOW + HEAD + 2 * ROW + AXIS;

/** Messages stand at one height in all lanes, whatever is known yet. */
export function drawingOf(
  t: Words<Key>,
  { handshake, message }: { handshake: Part | null; message: Part | null },
  scales: Scales,
  width: number,
): Drawing {
  const shapes: Shape[] = [];
  const narrow = width < NARROW_PX;
  if (handshake) {
    const values = { n: handshake.roundTrips, ms: sayMs(handshake.ms), ...sizes(handshake) };
    shapes.push(
      ...partOf(
        t(narrow ? "part_joined_short" : "part_joined", values),
        t,
        handshake,
        scales.handshake,
        0,
        width,
      ),
    );
  }
  if (message) {
    const values = { ms: sayMs(message.ms), ...sizes(message) };
    shapes.push(...partOf(t("part_message", values), t, message, scales.message, BELOW, width));
  }
  return { shapes, height: HEIGHT };
}

const sizes = ({ up, down }: Part) => ({ up: sayBytes(up), down: sayBytes(down) });

function partOf(
  title: string,
  t: Words<Key>,
  part: Part,
  scale: number,
  top: number,
  width: number,
): Shape[] {
  const field = { left: NAMES_PX, right: Math.max(NAMES_PX + 40, width - BYTES_PX) };
  const x = (ms: number) => field.left + (ms / scale) * (field.right - field.left);
  const first = top + HEAD;
  const pitch = Math.min(ROW, (ROWS * ROW) / part.rows.length);
  const bottom = first + part.rows.length * pitch;
  return [
    { kind: "text", x: 0, y: top + 13, text: title, fill: "text", anchor: "start", bold: true },
    ...ticks(scale, field.right - field.left).flatMap((ms) => tick(x(ms), first, bottom, ms)),
    ...part.rows.flatMap((row, at) => rowOf(t, row, first + at * pitch, pitch, x, width)),
  ];
}

function tick(x: number, top: number, bottom: number, ms: number): Shape[] {
  return [
    { kind: "rect", x, y: top, width: 1, height: bottom - top + 3, fill: "grid" },
    { kind: "text", x: x + 3, y: bottom + 12, text: `${ms} ms`, fill: "quiet", anchor: "start" },
  ];
}

/** Round times from 0 up to the end of a scale that is so wide. */
export function ticks(scale: number, width: number): number[] {
  const rough = (scale * TICK_PX) / Math.max(width, TICK_PX);
  const power = 10 ** Math.floor(Math.log10(rough));
  const step = [1, 2, 5, 10].map((factor) => factor * power).find((each) => each >= rough)!;
  const count = Math.floor((scale * (1 - TICK_PX / Math.max(width, 2 * TICK_PX) / 2)) / step);
  return Array.from({ length: count + 1 }, (_, n) => Number((n * step).toPrecision(6)));
}

function rowOf(
  t: Words<Key>,
  row: Row,
  y: number,
  pitch: number,
  x: (ms: number) => number,
  width: number,
): Shape[] {
  const base = y + BAR;
  const name = t(nameOf(row.name), { name: row.name });
  return [
    { kind: "text", x: 0, y: base, text: name, fill: "quiet", anchor: "start" },
    ...row.blocks.flatMap((block) => blockOf(block, y + 1, pitch - ROW + BAR, x)),
    { kind: "text", x: width, y: base, text: bytesText(row), fill: "quiet", anchor: "end" },
  ];
}

const NAMES = [
  "TCP",
  "TLS",
  "101",
  "open",
  "40",
  "1::",
  "probe",
  "join",
  "say",
  "message",
] as const;

function nameOf(name: string): Key {
  const known = NAMES.find((each) => each === name);
  return known ? `row_${known}` : "row_other";
}

function bytesText(row: Row): string {
  const sum = (kinds: readonly Block["kind"][]) =>
    row.blocks
      .filter(({ kind }) => kinds.includes(kind))
      .reduce((bytes, { bytes: own }) => bytes + (own ? totalOf(own) : 0), 0);
  const [up, down] = [sum(["request"]), sum(["answer", "delivery"])];
  return [up > 0 ? `↑${sayBytes(up)}` : "", down > 0 ? `↓${sayBytes(down)}` : ""]
    .filter(Boolean)
    .map((text) => text)
    .join(" ")
    .concat(up + down > 0 ? " B" : "");
}

const totalOf = ({ http, framing, payload, tls }: Bytes): number => http + framing + payload + tls;
const LABELS = ["tls", "http", "framing", "payload"] as const;

/** As wide as its time; what is on its way is as high as its bytes, kind by kind. */
function blockOf(block: Block, y: number, bar: number, x: (ms: number) => number): Shape[] {
  const left = x(block.from);
  const exact = x(block.to) - left;
  const { kind, bytes } = block;
  if (bytes === null) {
    const fill = kind === "connect" || kind === "waiting" ? kind : "page";
    return exact > 0 ? [{ kind: "rect", x: left, y, width: exact, height: bar, fill }] : [];
  }
  const wide = Math.max(exact, LEAST);
  const way: Fill = kind === "request" ? "up" : "down";
  return [
    ...strata(bytes, left, y, wide, bar),
    { kind: "rect", x: left, y: y + bar, width: wide, height: WAY, fill: way },
  ];
}

function strata(bytes: Bytes, x: number, top: number, width: number, bar: number): Shape[] {
  const all = Math.max(1, totalOf(bytes));
  let y = top;
  return LABELS.filter((label) => bytes[label] > 0).map((label) => {
    const height = (bar * bytes[label]) / all;
    y += height;
    return { kind: "rect", x, y: y - height, width, height, fill: label };
  });
}
