// What happened, in plain words. Pure.

import type { TransportInfo } from "../control";
import type { Locale, Words } from "../i18n";
import type { Limits } from "../room";
import { inKorean } from "./reasons";
import type { Problem } from "./state";
import { type Key, words } from "./words";

type Say = Words<Key>;

const isKey = (key: string): key is Key => Object.hasOwn(words.en, key);

/** What is said here of a transport; of one that is not known here, what the server says. */
function ofTransport(t: Say, what: string, name: string, otherwise: string): string {
  const key = `${what}_${name}`;
  return isKey(key) ? t(key) : otherwise;
}

export const groupOf = (t: Say, group: string): string => ofTransport(t, "group", group, group);
export const titleOf = (t: Say, transport: string): string =>
  ofTransport(t, "transport", transport, transport);
export const aboutOf = (t: Say, transport: TransportInfo): string =>
  ofTransport(t, "about", transport.name, transport.summary);
export const reasonOf = (t: Say, transport: TransportInfo, locale: Locale): string =>
  ofTransport(t, "reason", transport.name, inWords(transport.reason ?? "", locale));
export const unsafeOf = (t: Say, transport: TransportInfo): string =>
  ofTransport(t, "unsafe", transport.name, transport.unsafe ?? "");

const inWords = (reason: string, locale: Locale): string =>
  locale === "ko" ? inKorean(reason) : reason;

export function problemText(
  t: Say,
  problem: Problem,
  limits: Limits | undefined,
  locale: Locale,
): string {
  if (problem.kind !== "refused") {
    const { reason } = problem;
    return t("transport_lost", { reason: inWords(reason, locale) });
  }
  if (problem.again) return t("name_held");
  return t(problem.code, { ...limits, room: problem.room, reason: problem.reason });
}

/** Who types, as one line; empty where nobody does. */
export function typingText(t: Say, names: readonly string[]): string {
  const [a = "", b = ""] = names;
  if (names.length === 0) return "";
  if (names.length === 1) return t("typing_one", { a });
  return names.length === 2 ? t("typing_two", { a, b }) : t("typing_many", { n: names.length });
}

/** A number from 0 to 359 that belongs to a name: its colour. */
export function hueOf(name: string): number {
  let hash = 0;
  for (const character of name) hash = (hash * 31 + character.codePointAt(0)!) % 360;
  return hash;
}

/** A time it took, short: one decimal below 10 ms. */
export const msText = (ms: number): string => (ms < 9.95 ? ms.toFixed(1) : ms.toFixed(0));

/** Bytes of a text as UTF-8, which is what the server counts. */
export const bytesOf = (text: string): number => new TextEncoder().encode(text).length;

const FOLDED = { characters: 800, lines: 12 };

/** The beginning of a text that is too long to be shown at once; null where it is not. */
export function folded(text: string): string | null {
  const { characters, lines } = FOLDED;
  const lead = text.slice(0, characters).split("\n", lines).join("\n");
  return lead.length < text.length ? `${lead.toWellFormed()}…` : null;
}
