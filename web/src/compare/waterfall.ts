// What a page waited for, as blocks of time: the handshake, and one message. Pure.
//
// A block ends where the next one begins, so that they add up to what the page's own clock measured.

import type { Account, ByteCost, Labelled, TransportRecord } from "../control";
import { isGap, type Timeline } from "../inspector/timeline";
import { type Trip, tripsOf } from "../inspector/trips";

/**
 * `page`: the browser and this page themselves. `connect`: TCP. `request`, `answer` and `delivery`:
 * bytes on their way. `waiting`: the server has the request, and there is no answer yet.
 */
export type Kind = "page" | "connect" | "request" | "waiting" | "answer" | "delivery";
/** What a line of code does, or a row of the waterfall is part of. */
export type Step = "connect" | "say" | "answer" | "delivery";
export type Bytes = Pick<TransportRecord, "http" | "framing" | "payload" | "tls">;

/** In ms since the part began. `bytes`: of what was on its way. */
export interface Block {
  kind: Kind;
  from: number;
  to: number;
  bytes: Bytes | null;
}

export interface Row {
  /** What it was for, in the ledger's word; `say`, or `message` for the delivery. */
  name: string;
  blocks: readonly Block[];
}

export interface Part {
  rows: readonly Row[];
  /** From the page's call until it had what it waited for. */
  ms: number;
  /** When the last block ends. */
  end: number;
  /** As the ledger counts them. */
  roundTrips: number;
  up: number;
  down: number;
}

/** On the page's clock, performance.now(); null: it has not happened. */
export interface Marks {
  connect: number;
  joined: number | null;
  say: number | null;
  said: number | null;
  delivered: number | null;
}

export interface Seen {
  timeline: Pick<Timeline, "entries" | "arrived" | "account">;
  marks: Marks;
  /** The page's time when the clock of the link's records stood at 0. */
  clock_ms: number;
  /** How many messages were answered, to know which one the ledger speaks of. */
  messages: number;
}

/** From the first connection until the room was joined; null until all of it is known. */
export function handshakeOf(seen: Seen): Part | null {
  const { account } = seen.timeline;
  const { connect, joined } = seen.marks;
  if (!account?.joined || joined === null) return null;
  const { turns, counted } = account.joined;
  const known = new Crossings(seen, connect);
  const path = new Path(0, joined - connect);
  const rows: Row[] = [];
  for (const { purpose, up, down } of turns) {
    const blocks = up === down ? known.opening(path, up) : known.roundTrip(path, up, down);
    if (!blocks) return null;
    rows.push({ name: purpose, blocks });
  }
  const last = rows.at(-1);
  if (!last) return null;
  rows[rows.length - 1] = { ...last, blocks: [...last.blocks, path.rest()] };
  const ms = joined - connect;
  return { rows, ms, end: ms, roundTrips: counted.round_trips, ...totals(counted.cost) };
}

/** One `say` with its answer, and its delivery to the page itself; null until all of it is known. */
export function messageOf(seen: Seen): Part | null {
  const { account } = seen.timeline;
  const { say, said, delivered } = seen.marks;
  const found = saidOf(account, seen.messages);
  if (!found || say === null || said === null || delivered === null) return null;
  const known = new Crossings(seen, say);
  const path = new Path(0, said - say);
  const blocks = known.roundTrip(path, found.up, found.down);
  if (!blocks) return null;
  const rows: Row[] = [{ name: "say", blocks: [...blocks, path.rest()] }];
  const delivery = known.delivery(found.up, delivered - say);
  if (delivery) rows.push({ name: "message", blocks: delivery });
  const end = Math.max(said, delivered) - say;
  return { rows, ms: said - say, end, roundTrips: 1, ...totals(found.cost) };
}

function saidOf(account: Account | null, messages: number): Account["said"] {
  return account?.spent.message.count === messages ? account.said : null;
}

const bytesOf = ({ http, framing, payload, undecodable, tls }: Labelled): number =>
  http + framing + payload + undecodable + tls;
const totals = ({ up, down }: ByteCost) => ({ up: bytesOf(up), down: bytesOf(down) });

/** Blocks one after another: none begins before the last one ended, and none ends after the whole. */
class Path {
  constructor(
    private at: number,
    private readonly end: number,
  ) {}

  until(kind: Kind, to: number, bytes: Bytes | null = null): Block {
    const from = this.at;
    this.at = Math.min(Math.max(to, from), this.end);
    return { kind, from, to: this.at, bytes };
  }

  rest(): Block {
    return this.until("page", this.end);
  }
}

/** When records crossed, in ms since `begin` on the page's clock. */
class Crossings {
  readonly #records: ReadonlyMap<number, TransportRecord>;
  readonly #trips: ReadonlyMap<number, Trip>;
  readonly #shift: number;

  constructor({ timeline, clock_ms }: Seen, begin: number) {
    const records = timeline.entries.filter((entry): entry is TransportRecord => !isGap(entry));
    this.#records = new Map(records.map((record) => [record.n, record]));
    this.#trips = tripsOf(records, timeline.arrived);
    this.#shift = clock_ms - begin;
  }

  opening(path: Path, n: number): Block[] | null {
    const trip = this.#trip(n);
    return trip && [path.until("page", trip.from), path.until("connect", trip.to)];
  }

  roundTrip(path: Path, up: number, down: number): Block[] | null {
    const [there, back] = [this.#trip(up), this.#trip(down)];
    if (!there || !back) return null;
    return [
      path.until("page", there.from),
      path.until("request", there.to, this.#records.get(up)!),
      path.until("waiting", back.from),
      path.until("answer", back.to, this.#records.get(down)!),
    ];
  }

  /** The message that came back to the page after its `say`, record `up`. */
  delivery(up: number, end: number): Block[] | null {
    const found = [...this.#records.values()].find((record) => record.n > up && delivers(record));
    const trip = found ? this.#trip(found.n) : null;
    if (!found || !trip) return null;
    const path = new Path(Math.min(trip.from, end), end);
    return [path.until("delivery", trip.to, found), path.rest()];
  }

  #trip(n: number): { from: number; to: number } | null {
    const trip = this.#trips.get(n);
    if (!trip || trip.to === null) return null;
    return { from: trip.from + this.#shift, to: trip.to + this.#shift };
  }
}

const delivers = ({ says }: TransportRecord): boolean =>
  says.some(({ kind, name }) => kind === "event" && name === "message");
