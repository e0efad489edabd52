// InspectorPane the transport, in the page: where each arrow of a sequence diagram lies. Pure: no SVG here.

import type { LedgerTurn, TransportRecord } from "../control";
import { shortened, tersely } from "./format";
import { tripsOf } from "./trips";

export interface Arrow {
  record: TransportRecord;
  /** `both`: TCP's SYN and SYN-ACK as one; `end`: a FIN, or the end of a connection. */
  way: "up" | "down" | "both" | "end";
  /** The top of its row. */
  y: number;
  /** What is said above the line, and what stands below it. */
  title: string;
  note: string;
  /** On the page, since the first: when it was sent, or had come. Null: it is still under way. */
  at_ms: number | null;
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
export function layOut(
  records: readonly TransportRecord[],
  turns: readonly LedgerTurn[],
  arrived: ReadonlyMap<number, number>,
): Diagram {
  const last = joinedAt(records);
  const tops = records.map((_, row) => HEAD + row * ROW + (row > last && last >= 0 ? NOTE : 0));
  const start = records[0]?.at_ms ?? 0;
  const trips = tripsOf(records, arrived);
  const arrows = records.map((record, row) => {
    const { from, to } = trips.get(record.n)!;
    const at = record.direction === "down" ? to : from;
    return arrowOf(record, tops[row]!, at === null ? null : at - start);
  });
  const bottom = HEAD + arrows.length * ROW + (last >= 0 ? NOTE : 0);
  return {
    arrows,
    bands: bandsOf(records, turns, [...tops, bottom]),
    joined:
      last < 0 || turns.length === 0 ? null : { y: tops[last]! + ROW + NOTE, turn: turns.length },
    height: bottom + 8,
  };
}

function joinedAt(records: readonly TransportRecord[]): number {
  return records.findIndex(
    ({ direction, meaning }) =>
      direction === "down" && meaning.some((line) => /\bjoined\b/.test(line)),
  );
}

function arrowOf(record: TransportRecord, y: number, at_ms: number | null): Arrow {
  return {
    record,
    way: wayOf(record),
    y,
    title: clip(titleOf(record)),
    note: record.bytes > 0 ? `${record.bytes} B` : "",
    at_ms,
  };
}

function wayOf({ kind, direction }: TransportRecord): Arrow["way"] {
  if (kind === "opened") return "both";
  if (kind === "closed" || kind === "fin" || direction === "none") return "end";
  return direction;
}

/** The request line without what identifies the session, and what is inside. */
function titleOf({ kind, title, meaning }: TransportRecord): string {
  const own = kind === "request" ? shortened(title) : title;
  const said = meaning.map(tersely);
  const inside = kind === "frame" || kind === "part" ? said : [own, ...said];
  return (inside.length > 0 ? inside : [own]).join(" · ");
}

const clip = (text: string): string =>
  text.length > TITLE_CHARS ? `${text.slice(0, TITLE_CHARS - 1)}…` : text;

/**
 * The round trips that the page waited for, as the server's ledger counts them. Each ends with the
 * record that it waited for. `tops`: of each row, and the bottom of the last.
 */
function bandsOf(
  records: readonly TransportRecord[],
  turns: readonly LedgerTurn[],
  tops: readonly number[],
): Band[] {
  const bands: Band[] = [];
  let from = 0;
  turns.forEach(({ down }, turn) => {
    const end = records.findIndex(({ n }) => n === down) + 1;
    if (end <= from) return;
    bands.push({ turn: turn + 1, top: tops[from]!, height: tops[end]! - tops[from]! });
    from = end;
  });
  return bands;
}
