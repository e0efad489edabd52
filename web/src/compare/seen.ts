// What was seen, as sentences: which transport waited longer, for what, and what it sent. Pure.

import type { Upgrade } from "../control";
import type { Words } from "../i18n";
import { sayBytes } from "../inspector/format";
import type { Part } from "./waterfall";
import type { Key } from "./words";

export interface LaneSeen {
  title: string;
  handshake: Part | null;
  message: Part | null;
  /** In which order it moved to a WebSocket; null where it did not. */
  upgrade: Upgrade | null;
}

/** In groups of three that a line does not break apart. */
const whole = (n: number): string => sayBytes(n).replaceAll("\u2009", "\u202f");

export const sayMs = (ms: number): string => (ms < 9.95 ? ms.toFixed(1) : whole(ms));

/** The sentences about two lanes, as far as both are known. */
export function sentences(t: Words<Key>, lanes: readonly [LaneSeen, LaneSeen]): string[] {
  const found = [joinedSentence(t, lanes), messageSentence(t, lanes)];
  const why = found[0] === null ? [] : lanes.flatMap((lane) => orderSentences(t, lane));
  return [...found, ...why].filter((text) => text !== null);
}

/** Why the round trips of one lane are not the same each time. */
function orderSentences(t: Words<Key>, { title, upgrade }: LaneSeen): string[] {
  if (!upgrade) return [];
  const order = t(`seen_order_${orderOf(upgrade)}`, { title });
  if (upgrade.polls === 0) return [order];
  return [order, t(upgrade.polls === 1 ? "seen_polls_one" : "seen_polls", { n: upgrade.polls })];
}

function orderOf({ namespace, joined }: Upgrade) {
  if (joined === "polling") return "polls";
  return namespace === "polling" ? "poll" : "websocket";
}

function joinedSentence(t: Words<Key>, [left, right]: readonly [LaneSeen, LaneSeen]) {
  if (!left.handshake || !right.handshake) return null;
  const more = right.handshake.roundTrips - left.handshake.roundTrips;
  const [one, other] = more < 0 ? [right, left] : [left, right];
  const values = {
    one: one.title,
    other: other.title,
    n: more === 0 ? one.handshake!.roundTrips : Math.abs(more),
    ms: sayMs(one.handshake!.ms),
    other_ms: sayMs(other.handshake!.ms),
  };
  if (more === 0) return t("seen_same_joined", values);
  return t(Math.abs(more) === 1 ? "seen_joined_one" : "seen_joined", values);
}

function messageSentence(t: Words<Key>, [left, right]: readonly [LaneSeen, LaneSeen]) {
  if (!left.message || !right.message) return null;
  const bytes = ({ up, down }: Part) => up + down;
  const [one, other] = bytes(right.message) < bytes(left.message) ? [right, left] : [left, right];
  return t("seen_message", {
    one: one.title,
    other: other.title,
    b: whole(bytes(one.message!)),
    other_b: whole(bytes(other.message!)),
    ms: sayMs(one.message!.ms),
    other_ms: sayMs(other.message!.ms),
  });
}
