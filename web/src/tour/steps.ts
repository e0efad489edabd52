// The tour: its steps, and what the page measures of each after somebody has guessed. Pure.

import type { ChatState } from "../chat/state";
import type { Account, Labelled } from "../control";
import type { FeedState } from "../inspector/feed";
import { isGap } from "../inspector/timeline";
import { barsOf, differenceOf } from "../race/bars";
import type { RaceState } from "../race/store";

export const STEPS = ["handshake", "join", "polling", "cut", "emulate", "race"] as const;
export type Step = (typeof STEPS)[number];

export const isStep = (name: string): name is Step => STEPS.some((step) => step === name);

/** The step of a link; the first one for what is none. */
export const stepOf = (name: string): Step => (isStep(name) ? name : STEPS[0]);

/** What can be guessed, in the unit of the step: round trips, bytes, bytes, times, ms, times. */
export const GUESSES: Readonly<Record<Step, readonly number[]>> = {
  handshake: [1, 2, 3, 4, 6, 8],
  join: [5, 50, 100, 200, 500, 2_000],
  polling: [50, 100, 200, 500, 1_000, 2_000],
  cut: [0, 1, 2],
  emulate: [5, 100, 200, 400, 1_000],
  race: [1, 1.5, 2, 3, 5, 10],
};

/** The least delay, one way, that the step about it asks for. */
export const DELAY_MS = 100;
/** How long the step about it cuts the link. */
export const CUT_MS = 5_000;

/** Between the purposes of a handshake's round trips. */
export const TURN = "\n";
/** A round trip to another continent. */
const FAR_MS = 100;

/** What the page knows, seen together. */
export interface Seen {
  chat: ChatState;
  feed: FeedState;
  race: Pick<RaceState, "result" | "ranking">;
}

/** How things stood when somebody guessed: what was there already is not what was asked for. */
export interface Mark {
  line: string | null;
  /** Messages that the line had carried, and their bytes. */
  messages: number;
  bytes: Labelled;
  /** Own messages whose answers had come: room and `seq`. */
  answered: ReadonlySet<string>;
  result: RaceState["result"];
}

/** A cut that lasts for some seconds. `written`: what was said meanwhile. */
export interface Outage {
  line: string | null;
  /** TCP connections of the line before it was cut. */
  opened: number;
  /** Room -> its newest event when it was cut. */
  newest: ReadonlyMap<string, number>;
  written: readonly { room: string; key: string; text: string }[];
  over: boolean;
}

/** What was measured, and what else there is to say of it: it fills the step's sentence. */
export interface Measured {
  value: number;
  facts: Readonly<Record<string, string | number>>;
}

const NO_BYTES: Labelled = { http: 0, framing: 0, payload: 0, undecodable: 0, tls: 0 };

export function marked({ chat, feed, race }: Seen): Mark {
  const message = feed.timeline.account?.spent.message;
  return {
    line: feed.line,
    messages: message?.count ?? 0,
    bytes: message ? bothWays(message.cost) : NO_BYTES,
    answered: new Set(answersOf(chat).keys()),
    result: race.result,
  };
}

/** What the step asks for, measured since `mark`; null as long as it was not seen. */
export function measured(
  step: Step,
  seen: Seen,
  mark: Mark,
  outage: Outage | null,
): Measured | null {
  switch (step) {
    case "handshake":
      return handshake(seen, mark);
    case "join":
      return message(seen, mark);
    case "polling":
      return isPolled(seen.feed) ? message(seen, mark) : null;
    case "cut":
      return outage && delivered(seen.chat, seen.feed, outage);
    case "emulate":
      return delayed(seen, mark);
    case "race":
      return raced(seen, mark);
  }
}

/** The ledger of the link that carries the chat now; null while it is another's, or there is none. */
function accountOf({ chat, feed }: Seen): Account | null {
  return chat.phase === "open" && chat.line === feed.line ? feed.timeline.account : null;
}

/** A link of its own, opened since: how many round trips it took until the room was joined. */
function handshake(seen: Seen, { line }: Mark): Measured | null {
  const turns = accountOf(seen)?.joined?.turns;
  if (!turns || seen.feed.line === line || !isInside(seen.chat)) return null;
  return {
    value: turns.length,
    facts: {
      transport: seen.chat.transport ?? "",
      turns: turns.map(({ purpose }) => purpose).join(TURN),
      far: turns.length * FAR_MS,
    },
  };
}

/** What one `say` with its reply cost, of those since. */
function message(seen: Seen, mark: Mark): Measured | null {
  const spent = accountOf(seen)?.spent.message;
  if (!spent) return null;
  const same = seen.feed.line === mark.line;
  const count = spent.count - (same ? mark.messages : 0);
  if (count <= 0) return null;
  const before = same ? mark.bytes : NO_BYTES;
  const now = bothWays(spent.cost);
  const each = (label: keyof Labelled) => Math.round((now[label] - before[label]) / count);
  const [payload, framing, http] = [each("payload"), each("framing"), each("http")];
  return {
    value: payload + framing + http,
    facts: { transport: seen.chat.transport ?? "", payload, framing, http },
  };
}

/** Whether the reply to the latest `say` was the whole answer to a request. */
function isPolled({ timeline }: FeedState): boolean {
  const down = timeline.account?.said?.down;
  const reply = timeline.entries.find((entry) => !isGap(entry) && entry.n === down);
  return reply !== undefined && !isGap(reply) && reply.kind === "response";
}

/** A cut begins: from now on what is said is written while the link is away. */
export function begun({ chat, feed }: Seen): Outage {
  return {
    line: feed.line,
    opened: feed.timeline.counters?.connections.opened ?? 0,
    newest: new Map([...chat.rooms].map(([name, { cursor }]) => [name, cursor])),
    written: [],
    over: false,
  };
}

/** With what was said since the last look. */
export function noted(outage: Outage, { rooms }: ChatState): Outage {
  const known = new Set(outage.written.map(({ key }) => key));
  const fresh = [...rooms.values()].flatMap(({ room, pending }) =>
    pending.filter(({ key }) => !known.has(key)).map(({ key, text }) => ({ room, key, text })),
  );
  return fresh.length > 0 ? { ...outage, written: [...outage.written, ...fresh] } : outage;
}

/** Whether the link has come back on a new connection, and the chat with it. */
export function isBack(chat: ChatState, feed: FeedState, { line, opened, over }: Outage): boolean {
  const connections = feed.timeline.counters?.connections.opened ?? 0;
  return over && isInside(chat) && (feed.line !== line || connections > opened);
}

/** How many times a message that was written meanwhile stands in its room. */
function delivered(chat: ChatState, feed: FeedState, outage: Outage): Measured | null {
  const { written, newest } = outage;
  const waiting = new Set(
    [...chat.rooms.values()].flatMap(({ pending }) => pending.map(({ key }) => key)),
  );
  if (!isBack(chat, feed, outage) || written.length === 0) return null;
  if (written.some(({ key }) => waiting.has(key))) return null;
  const arrived = [...new Set(written.map(({ room }) => room))].flatMap((name) => {
    const texts = new Set(written.filter(({ room }) => room === name).map(({ text }) => text));
    return (chat.rooms.get(name)?.entries ?? []).filter(
      (entry) =>
        entry.type === "message" &&
        entry.name === chat.name &&
        entry.seq > (newest.get(name) ?? 0) &&
        texts.has(entry.text),
    );
  }).length;
  const value = arrived / written.length;
  return { value, facts: { written: written.length, arrived } };
}

/** How long the server took to answer a message since, on a network with such a delay. */
function delayed({ chat, feed: { network } }: Seen, { answered }: Mark): Measured | null {
  if (network.delay_ms < DELAY_MS) return null;
  const fresh = [...answersOf(chat)].filter(
    ([key, ms]) => !answered.has(key) && ms >= 2 * network.delay_ms,
  );
  const last = fresh.at(-1);
  if (!last) return null;
  const facts = { transport: chat.transport ?? "", delay: network.delay_ms };
  return { value: last[1], facts };
}

/** How many times as long the slowest handshake takes as the quickest, in a race since. */
function raced({ race: { result, ranking } }: Seen, mark: Mark): Measured | null {
  if (!result || !ranking || result === mark.result) return null;
  const difference = differenceOf(barsOf(ranking, "handshake_ms"));
  if (!difference) return null;
  const { quickest, slowest, ratio } = difference;
  return {
    value: ratio,
    facts: {
      quickest: quickest.transport,
      least: quickest.median,
      slowest: slowest.transport,
      most: slowest.median,
    },
  };
}

const isInside = (chat: ChatState): boolean =>
  chat.phase === "open" && [...chat.rooms.values()].some(({ inside }) => inside);

/** Room and `seq` of own messages -> how long the server's answer took, in ms. */
const answersOf = ({ rooms }: ChatState): Map<string, number> =>
  new Map(
    [...rooms.values()].flatMap(({ room, rtts }) =>
      Object.entries(rtts).map(([seq, ms]): [string, number] => [`${room} ${seq}`, ms]),
    ),
  );

function bothWays({ up, down }: { up: Labelled; down: Labelled }): Labelled {
  return {
    http: up.http + down.http,
    framing: up.framing + down.framing,
    payload: up.payload + down.payload,
    undecodable: up.undecodable + down.undecodable,
    tls: up.tls + down.tls,
  };
}
