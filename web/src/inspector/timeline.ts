// Beside the wire, in the page: what crossed a line, newest last, in bounded memory. Pure.

import type { Counters, WireRecord } from "../control";

/** `skipped` records that the server only counted, because they came too fast to be shown. */
export interface Gap {
  skipped: number;
  /** The number of the record before them; 0 where there was none. */
  after: number;
}

export type Entry = WireRecord | Gap;

export interface Timeline {
  readonly entries: readonly Entry[];
  /** Records that came whole, those that had to make way for newer ones included. */
  readonly received: number;
  readonly skipped: number;
  readonly counters: Counters | null;
  readonly handshake: Handshake;
}

/** The beginning of the newest session: what the sequence diagram draws. */
export interface Handshake {
  readonly records: readonly WireRecord[];
  readonly live: ReadonlySet<number>;
  /** Nothing more is drawn: somebody spoke, it is full, or a record is missing. */
  readonly over: boolean;
}

/** How many entries are kept: some 2 MB. */
export const KEPT = 4_000;
/** How many records a diagram may have. */
export const DRAWN = 48;

const NOTHING: Handshake = { records: [], live: new Set(), over: false };

export const EMPTY: Timeline = {
  entries: [],
  received: 0,
  skipped: 0,
  counters: null,
  handshake: NOTHING,
};

export const isGap = (entry: Entry): entry is Gap => "skipped" in entry;

/** A new timeline with a push of the server in it; the oldest entries make way past `kept`. */
export function received(
  before: Timeline,
  records: readonly WireRecord[],
  skipped: number,
  kept = KEPT,
): Timeline {
  const entries = [...before.entries, ...records];
  if (skipped > 0) addGap(entries, skipped);
  return {
    ...before,
    entries: entries.length > kept ? entries.slice(-kept) : entries,
    received: before.received + records.length,
    skipped: before.skipped + skipped,
    handshake: shake(before.handshake, records, skipped),
  };
}

function addGap(entries: Entry[], skipped: number): void {
  const last = entries.at(-1);
  if (last && isGap(last))
    entries[entries.length - 1] = { ...last, skipped: last.skipped + skipped };
  else entries.push({ skipped, after: last?.n ?? 0 });
}

/** Empty the list; the counters stay, which are those of the whole line. */
export const cleared = (before: Timeline): Timeline => ({
  ...EMPTY,
  counters: before.counters,
  handshake: before.handshake,
});

function shake(before: Handshake, records: readonly WireRecord[], skipped: number): Handshake {
  const after = records.reduce(step, before);
  return skipped > 0 && after.records.length > 0 ? { ...after, over: true } : after;
}

function step(shown: Handshake, record: WireRecord): Handshake {
  // With no connection left, whatever is opened begins a session.
  const starts = record.kind === "opened" && shown.live.size === 0;
  const begun = starts ? NOTHING : shown;
  const live = alive(begun.live, record);
  if (begun.over || (begun.records.length === 0 && !starts)) return { ...begun, live };
  const over = begun.records.length + 1 >= DRAWN || speaks(record);
  return { records: [...begun.records, record], live, over };
}

function alive(live: ReadonlySet<number>, { kind, connection }: WireRecord): ReadonlySet<number> {
  if (kind !== "opened" && kind !== "closed") return live;
  const next = new Set(live);
  if (kind === "opened") next.add(connection);
  else next.delete(connection);
  return next;
}

const speaks = (record: WireRecord): boolean =>
  record.direction === "up" && record.meaning.some((line) => /\bsay\b/.test(line));

export const FILTERS = ["connections", "http", "parts", "frames", "undecoded"] as const;
export type Filter = (typeof FILTERS)[number];

const FILTER_OF: Readonly<Record<WireRecord["kind"], Filter>> = {
  opened: "connections",
  closed: "connections",
  fin: "connections",
  request: "http",
  response: "http",
  part: "parts",
  frame: "frames",
  undecoded: "undecoded",
};

/** The entries of these kinds; a gap may have held any kind, and stays. */
export function filtered(entries: readonly Entry[], on: ReadonlySet<Filter>): readonly Entry[] {
  if (on.size === FILTERS.length) return entries;
  return entries.filter((entry) => isGap(entry) || on.has(FILTER_OF[entry.kind]));
}

/** Bytes of the whole line by message; null until there was one. */
export function perMessage(counters: Counters | null): { up: number | null; down: number | null } {
  const by = (bytes = 0, messages = 0) => (messages > 0 ? bytes / messages : null);
  return {
    up: by(counters?.up_bytes, counters?.commands),
    down: by(counters?.down_bytes, counters?.deliveries),
  };
}
