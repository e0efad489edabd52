// Beside the wire, in the page: where each arrow of a sequence diagram lies. Pure: no SVG here.

import type { WireRecord } from "../control";
import { shortened, tersely } from "./format";

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
  /** The line below the arrow that brought `joined`; null until it has come. */
  joined: { y: number; turn: number } | null;
  height: number;
}

export const ROW = 44;
export const HEAD = 34;
/** Below the arrow that brought `joined`, to say so. */
export const NOTE = 18;
const TITLE_CHARS = 64;

/** Records in the order of time, to arrows from the client (left) to the server (right). */
export function layOut(records: readonly WireRecord[]): Diagram {
  const last = joinedAt(records);
  const tops = records.map((_, row) => HEAD + row * ROW + (row > last && last >= 0 ? NOTE : 0));
  const start = records[0]?.at_ms ?? 0;
  const arrows = records.map((record, row) => arrowOf(record, tops[row]!, start));
  const turns = turnsOf(arrows);
  const bottom = HEAD + arrows.length * ROW + (last >= 0 ? NOTE : 0);
  return {
    arrows,
    bands: bandsOf(turns, [...tops, bottom]),
    joined: last < 0 ? null : { y: tops[last]! + ROW + NOTE, turn: turns[last]! },
    height: bottom + 8,
  };
}

function joinedAt(records: readonly WireRecord[]): number {
  return records.findIndex(
    ({ direction, meaning }) =>
      direction === "down" && meaning.some((line) => /\bjoined\b/.test(line)),
  );
}

function arrowOf(record: WireRecord, y: number, start: number): Arrow {
  return {
    record,
    way: wayOf(record),
    y,
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
  const said = meaning.map(tersely);
  const inside = kind === "frame" || kind === "part" ? said : [own, ...said];
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

/** `tops`: of each row, and the bottom of the last. */
function bandsOf(turns: readonly number[], tops: readonly number[]): Band[] {
  const bands: Band[] = [];
  turns.forEach((turn, row) => {
    const last = bands.at(-1);
    const [top, below] = [tops[row]!, tops[row + 1]!];
    // A late answer to an earlier turn lies among the later ones.
    if (last && turn <= last.turn) last.height = below - last.top;
    else bands.push({ turn, top, height: below - top });
  });
  return bands;
}
