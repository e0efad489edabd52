// Beside the wire, in the page: where each arrow of a sequence diagram lies. Pure: no SVG here.

import type { WireRecord } from "../control";

export interface Arrow {
  record: WireRecord;
  /** `both`: TCP's SYN and SYN-ACK as one; `end`: a FIN, or the end of a connection. */
  way: "up" | "down" | "both" | "end";
  /** The top of its row. */
  y: number;
  /** What is said above the line, and what stands below it. */
  title: string;
  note: string;
  at_ms: number;
}

/** Arrows that went there and back together: a turn costs the client one round trip to wait for. */
export interface Band {
  turn: number;
  top: number;
  height: number;
}

export interface Diagram {
  arrows: Arrow[];
  bands: Band[];
  /** The bottom of the arrow that brought `joined`; null until it has come. */
  joined: { y: number; turn: number } | null;
  height: number;
}

export const ROW = 44;
export const HEAD = 34;
const TITLE_CHARS = 64;

/** Records in the order of time, to arrows from the client (left) to the server (right). */
export function layOut(records: readonly WireRecord[]): Diagram {
  const start = records[0]?.at_ms ?? 0;
  const arrows = records.map((record, row) => arrowOf(record, row, start));
  const turns = turnsOf(arrows);
  return {
    arrows,
    bands: bandsOf(turns),
    joined: joinedOf(arrows, turns),
    height: HEAD + arrows.length * ROW + 8,
  };
}

function arrowOf(record: WireRecord, row: number, start: number): Arrow {
  const way = wayOf(record);
  return {
    record,
    way,
    y: HEAD + row * ROW,
    title: clip(titleOf(record)),
    note: record.bytes > 0 ? `${record.bytes} B` : "",
    at_ms: record.at_ms - start,
  };
}

function wayOf({ kind, direction }: WireRecord): Arrow["way"] {
  if (kind === "opened") return "both";
  if (kind === "closed" || kind === "fin" || direction === "none") return "end";
  return direction;
}

/** The request line without its query but for the transport, and what is inside. */
function titleOf({ kind, title, meaning }: WireRecord): string {
  const own = kind === "request" ? requestLine(title) : title;
  const inside = kind === "frame" || kind === "part" ? meaning : [own, ...meaning];
  return (inside.length > 0 ? inside : [own]).join(" · ");
}

function requestLine(title: string): string {
  const [path = title, query = ""] = title.split("?", 2);
  const transport = new URLSearchParams(query).get("transport");
  return transport ? `${path} (${transport})` : path;
}

const clip = (text: string): string =>
  text.length > TITLE_CHARS ? `${text.slice(0, TITLE_CHARS - 1)}…` : text;

/** For each arrow the turn that it is in: a new one begins where the client sends after it heard. */
function turnsOf(arrows: readonly Arrow[]): number[] {
  let turn = 1;
  let heard = false;
  return arrows.map(({ way }) => {
    if (heard && (way === "up" || way === "both")) {
      turn += 1;
      heard = false;
    }
    heard ||= way === "down" || way === "both";
    return turn;
  });
}

function bandsOf(turns: readonly number[]): Band[] {
  const bands: Band[] = [];
  turns.forEach((turn, row) => {
    const last = bands.at(-1);
    if (last?.turn === turn) last.height += ROW;
    else bands.push({ turn, top: HEAD + row * ROW, height: ROW });
  });
  return bands;
}

function joinedOf(arrows: readonly Arrow[], turns: readonly number[]): Diagram["joined"] {
  const row = arrows.findIndex(
    ({ way, record }) => way === "down" && record.meaning.some((line) => /\bjoined\b/.test(line)),
  );
  return row < 0 ? null : { y: HEAD + (row + 1) * ROW, turn: turns[row]! };
}
