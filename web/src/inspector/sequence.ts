// Beside the wire, in the page: where each arrow of a sequence diagram lies. Pure: no SVG here.

import type { WireRecord } from "../control";
import { shortened } from "./format";

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

/** Arrows of one turn, as far as they lie together. */
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

/** The request line without what identifies the session, and what is inside. */
function titleOf({ kind, title, meaning }: WireRecord): string {
  const own = kind === "request" ? shortened(title) : title;
  const inside = kind === "frame" || kind === "part" ? meaning : [own, ...meaning];
  return (inside.length > 0 ? inside : [own]).join(" · ");
}

const clip = (text: string): string =>
  text.length > TITLE_CHARS ? `${text.slice(0, TITLE_CHARS - 1)}…` : text;

/**
 * For each arrow the turn that it is in: how many round trips the page had to wait for, this one
 * included. What the page sends waits for all that it has heard, and for its own connection; what it
 * hears waits for what it sent on that connection, and a reply for its command, by id. So it is a bound
 * from above: `lab trace` counts what each packet truly needs.
 */
function turnsOf(arrows: readonly Arrow[]): number[] {
  let heard = 0;
  const before = new Map<number, number>();
  const commands = new Map<string, number>();
  return arrows.map(({ way, record: { connection, meaning } }) => {
    const sent = before.get(connection) ?? 0;
    if (way === "both") {
      before.set(connection, heard + 1);
      return heard + 1;
    }
    if (way === "up") {
      const waited = Math.max(heard, sent);
      before.set(connection, waited);
      for (const id of idsOf(meaning)) commands.set(id, waited);
      return waited + 1;
    }
    if (way === "end") return heard;
    const turn = Math.max(sent, ...idsOf(meaning).map((id) => commands.get(id) ?? 0)) + 1;
    heard = Math.max(heard, turn);
    return turn;
  });
}

/** The ids of commands and replies: "say #3", "said #3". */
const idsOf = (meaning: readonly string[]): string[] =>
  meaning.flatMap((line) => line.match(/#\d+/g) ?? []);

function bandsOf(turns: readonly number[]): Band[] {
  const bands: Band[] = [];
  turns.forEach((turn, row) => {
    const last = bands.at(-1);
    // A late answer to an earlier turn lies among the later ones.
    if (last && turn <= last.turn) last.height += ROW;
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
