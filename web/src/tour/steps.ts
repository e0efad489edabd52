// The walk-through: its steps, and how the page can tell that one was done. Pure.

import type { ChatState } from "../chat/state";
import type { WireInfo, WireRecord } from "../control";
import type { FeedState } from "../inspector/feed";
import { isGap } from "../inspector/timeline";
import type { RaceState } from "../race/store";

export const STEPS = ["handshake", "join", "polling", "cut", "bend", "race"] as const;
export type Step = (typeof STEPS)[number];

/** The step of a link; the first one for what is none. */
export const stepOf = (name: string): Step => STEPS.find((step) => step === name) ?? STEPS[0];

/** What the page knows, seen together. */
export interface Seen {
  chat: ChatState;
  feed: FeedState;
  race: Pick<RaceState, "result">;
  wires: readonly WireInfo[];
}

/** What the page was before, as far as a step depends on it. */
export interface Before {
  cuts: number;
  /** TCP connections of the line when it was cut; null: it was not cut yet. */
  opened: number | null;
}

export const NOTHING_BEFORE: Before = { cuts: 0, opened: null };

/** The least delay, one way, that the step about it asks for. */
export const BENT_MS = 100;

export function remembered(before: Before, { feed }: Seen): Before {
  if (feed.cuts === before.cuts) return before;
  return { cuts: feed.cuts, opened: feed.timeline.counters?.connections.opened ?? 0 };
}

const DONE: Readonly<Record<Step, (seen: Seen, before: Before) => boolean>> = {
  handshake: ({ feed }) => feed.timeline.handshake.records.some(tells("down", /\bjoined\b/)),
  join: ({ chat }) => rttsOf(chat).length > 0,
  polling: ({ chat, feed, wires }) =>
    polls(chat, wires) &&
    feed.timeline.entries.some((entry) => !isGap(entry) && tells("up", /\bsay\b/)(entry)),
  cut: ({ chat, feed }, { opened }) =>
    opened !== null &&
    (feed.timeline.counters?.connections.opened ?? 0) > opened &&
    chat.phase === "open" &&
    [...chat.rooms.values()].some((room) => room.inside),
  bend: ({ chat, feed: { network } }) =>
    network.delay_ms >= BENT_MS && rttsOf(chat).some((ms) => ms >= 2 * network.delay_ms),
  race: ({ race }) => Object.keys(race.result?.wires ?? {}).length > 1,
};

/** Whether what the step asks for is done, as it stands now. */
export const isDone = (step: Step, seen: Seen, before: Before): boolean => DONE[step](seen, before);

const tells =
  (direction: WireRecord["direction"], what: RegExp) =>
  (record: WireRecord): boolean =>
    record.direction === direction && record.meaning.some((line) => what.test(line));

const rttsOf = (chat: ChatState): number[] =>
  [...chat.rooms.values()].flatMap(({ rtts }) => Object.values(rtts));

/** Whether the chat's wire asks again and again. A Socket.IO that has upgraded no longer does. */
function polls(chat: ChatState, wires: readonly WireInfo[]): boolean {
  const wire = wires.find(({ name }) => name === chat.wire);
  if (wire?.family === "socketio") return wire.polling && !wire.websocket;
  return wire?.family === "fallback" && wire.name.endsWith("-polling");
}
