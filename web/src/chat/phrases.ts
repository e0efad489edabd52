// What happened, in plain words. Pure.

import type { Words } from "../i18n";
import type { Limits } from "../room";
import type { Problem } from "./state";
import { type Key, words } from "./words";

type Say = Words<Key>;

const isKey = (key: string): key is Key => Object.hasOwn(words.en, key);

/** A wire's title; one that has none here goes by its name. */
export function titleOf(t: Say, wire: string): string {
  const key = `wire_${wire}`;
  return isKey(key) ? t(key) : wire;
}

export function aboutOf(t: Say, wire: { name: string; summary: string }): string {
  const key = `about_${wire.name}`;
  return isKey(key) ? t(key) : wire.summary;
}

export function problemText(t: Say, problem: Problem, limits: Limits | undefined): string {
  if (problem.kind !== "refused") return t("wire_lost", { reason: problem.reason });
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
