// InspectorPane the transport, in the page: what crossed a line, newest last, in bounded memory. Pure.

import type { Account, Counters, Labelled, TransportRecord } from "../control";

/** `skipped` records that the server only counted, because they came too fast to be shown. */
export interface Gap {
  skipped: number;
  /** The number of the record before them; 0 where there was none. */
  after: number;
}

export type Entry = TransportRecord | Gap;

export interface Timeline {
  readonly entries: readonly Entry[];
  /** Records that came whole, those that had to make way for newer ones included. */
  readonly received: number;
  readonly skipped: number;
  readonly counters: Counters | null;
  readonly account: Account | null;
  readonly handshake: Handshake;
  /**
   * By record, when its last byte had crossed the network: what went up was then at the server, what
   * came down at the page, and a TCP connection was open to the page. On the clock of `at_ms`.
   */
  readonly arrived: ReadonlyMap<number, number>;
}

/** The beginning of the newest session: what the sequence diagram draws. */
export interface Handshake {
  readonly records: readonly TransportRecord[];
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
  account: null,
  handshake: NOTHING,
  arrived: new Map(),
};

export const isGap = (entry: Entry): entry is Gap => "skipped" in entry;

/** A new timeline with a push of the server in it; the oldest entries make way past `kept`. */
export function received(
  before: Timeline,
  records: readonly TransportRecord[],
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
  account: before.account,
  handshake: before.handshake,
  arrived: before.arrived,
});

type Crossed = {
  records: readonly TransportRecord[];
  passed: readonly (readonly [number, number])[];
};

/** With what has crossed the network by now; `delay_ms` of it is one way. */
export function arrived(
  before: Timeline,
  { records, passed }: Crossed,
  delay_ms: number,
): Timeline {
  // The relay accepts at once, and holds back what follows for a round trip: see lab/relay/relay.py.
  const opened = records
    .filter(({ kind }) => kind === "opened")
    .map(({ n, at_ms }) => [n, at_ms + 2 * delay_ms] as const);
  const all = [...before.arrived, ...opened, ...passed];
  const drawn = new Set(before.handshake.records.map(({ n }) => n));
  const kept = all.filter(([n], at) => at >= all.length - KEPT || drawn.has(n));
  return { ...before, arrived: new Map(kept) };
}

function shake(before: Handshake, records: readonly TransportRecord[], skipped: number): Handshake {
  const after = records.reduce(step, before);
  return skipped > 0 && after.records.length > 0 ? { ...after, over: true } : after;
}

function step(shown: Handshake, record: TransportRecord): Handshake {
  // With no connection left, whatever is opened begins a session.
  const starts = record.kind === "opened" && shown.live.size === 0;
  const begun = starts ? NOTHING : shown;
  const live = alive(begun.live, record);
  if (begun.over || (begun.records.length === 0 && !starts)) return { ...begun, live };
  const over = begun.records.length + 1 >= DRAWN || speaks(record);
  return { records: [...begun.records, record], live, over };
}

function alive(
  live: ReadonlySet<number>,
  { kind, connection }: TransportRecord,
): ReadonlySet<number> {
  if (kind !== "opened" && kind !== "closed") return live;
  const next = new Set(live);
  if (kind === "opened") next.add(connection);
  else next.delete(connection);
  return next;
}

const speaks = (record: TransportRecord): boolean =>
  record.direction === "up" && record.meaning.some((line) => /\bsay\b/.test(line));

export const FILTERS = ["connections", "http", "parts", "frames", "tls", "undecoded"] as const;
export type Filter = (typeof FILTERS)[number];

const FILTER_OF: Readonly<Record<TransportRecord["kind"], Filter>> = {
  opened: "connections",
  closed: "connections",
  fin: "connections",
  request: "http",
  response: "http",
  part: "parts",
  frame: "frames",
  tls: "tls",
  undecoded: "undecoded",
};

/** The entries of these kinds; a gap may have held any kind, and stays. */
export function filtered(entries: readonly Entry[], on: ReadonlySet<Filter>): readonly Entry[] {
  if (on.size === FILTERS.length) return entries;
  return entries.filter((entry) => isGap(entry) || on.has(FILTER_OF[entry.kind]));
}

/** What one `say` with its reply cost in the mean; null until there was one. */
export function perMessage(account: Account | null): { up: number | null; down: number | null } {
  const { count, cost } = account?.spent.message ?? { count: 0, cost: null };
  if (!cost || count === 0) return { up: null, down: null };
  return { up: bytesOf(cost.up) / count, down: bytesOf(cost.down) / count };
}

const bytesOf = ({ http, framing, payload, undecodable, tls }: Labelled): number =>
  http + framing + payload + undecodable + tls;
