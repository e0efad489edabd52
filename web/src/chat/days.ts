// When something was said: what stands together, and where another day begins. Pure.

import type { LoggedEvent } from "../room";

/** After so long a silence the name and the time are said again, in ms. */
const PAUSE_MS = 5 * 60_000;

/** Somebody goes on talking: the name need not be said again. */
export function follows(former: LoggedEvent, entry: LoggedEvent): boolean {
  return (
    former.type === "message" &&
    entry.type === "message" &&
    former.name === entry.name &&
    entry.at - former.at < PAUSE_MS
  );
}

/** Whether this is a day's first message, after those of another day. */
export function newDay(entries: readonly LoggedEvent[], at: number): boolean {
  const entry = entries[at];
  if (entry?.type !== "message") return false;
  const former = entries.slice(0, at).findLast((each) => each.type === "message");
  return former?.type === "message" && dayOf(former.at) !== dayOf(entry.at);
}

const dayOf = (at: number): string => new Date(at).toDateString();
