// A record's meaning, in the words of a language. Pure.

import type { Meaning, TransportRecord } from "../../control";
import type { Values, Words } from "../../i18n";
import { type Key, words } from "./words";

export type Say = Words<Key>;

const isKey = (key: string): key is Key => Object.hasOwn(words.en, key);

/** One packet, or a message without one: `say “hello”`. */
export function phraseOf(t: Say, { kind, name, values = {} }: Meaning): string {
  const probe = kind === "engineio" && values.text === "probe" ? "_probe" : "";
  const key = [`${kind}_${name}${probe}`, kind].find(isKey);
  if (!key) return `${kind} ${name}`;
  return t(key, named(t, kind, { ...BLANK, ...values, name })).trim();
}

/** What a meaning need not have: the session of a packet, the reason of a close. */
const BLANK: Values = { sid: "", reason: "" };

/** The ends of a TCP connection have names here; who speaks in a room says so. */
function named(t: Say, kind: string, values: Values): Values {
  if (kind !== "tcp") return values;
  const who = values.who === "up" ? "who_up" : "who_down";
  return { ...values, who: t(who), detail: String(values.detail ?? "").toUpperCase() };
}

/** All that a record says, in one line. */
export const lineOf = (t: Say, record: TransportRecord): string =>
  record.says.map((meaning) => phraseOf(t, meaning)).join(" · ");

const PACKETS: readonly string[] = ["command", "reply", "event", "engineio", "socketio", "early"];

/** Whether it carries a packet, and not only what moves one. */
export const carries = ({ says }: TransportRecord): boolean =>
  says.some(({ kind }) => PACKETS.includes(kind) || kind === "undecoded");

const BEATS: readonly string[] = ["ping", "pong", "heartbeat", "noop"];

/** Whether it brings nothing new: a heartbeat, or the end of an empty poll. */
export const isQuiet = ({ says }: TransportRecord): boolean =>
  says.every(({ kind, name, values }) => kind !== "event" && BEATS.includes(name) && !values?.text);
