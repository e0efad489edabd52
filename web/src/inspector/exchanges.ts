// The inspector's rows: a request and its response are one, and stand where the response came. Pure.

import type { TransportRecord } from "../control";
import { carries, isQuiet } from "./said/phrase";
import { type Entry, type Gap, isGap } from "./timeline";

export const WAYS = ["both", "up", "down"] as const;
export type Way = (typeof WAYS)[number];

/** One line of the list. A request alone is not answered yet, or its answer is not asked for. */
export interface Line {
  /** What came first; it names the line. */
  record: TransportRecord;
  response: TransportRecord | null;
  /** It brought nothing new. */
  quiet: boolean;
}
export type Shown = Line | Gap;

export const isLine = (shown: Shown): shown is Line => "record" in shown;

/** The records that go this way, with what happened to connections; gaps stay. */
export function directed(entries: readonly Entry[], way: Way): readonly Entry[] {
  if (way === "both") return entries;
  return entries.filter((entry) => isGap(entry) || [way, "none"].includes(entry.direction));
}

/** Lines of what is left after a filter: each response takes the line of its request. */
export function lines(entries: readonly Entry[]): readonly Shown[] {
  const requests = new Map<string, TransportRecord>();
  const answered = new Set<TransportRecord>();
  const pairs = new Map<TransportRecord, TransportRecord>();
  for (const entry of entries) {
    if (isGap(entry)) continue;
    const key = `${entry.connection} ${entry.exchange}`;
    if (entry.kind === "request") requests.set(key, entry);
    const request = entry.kind === "response" ? requests.get(key) : undefined;
    if (!request) continue;
    requests.delete(key);
    answered.add(request);
    pairs.set(entry, request);
  }
  return entries
    .filter((entry) => isGap(entry) || !answered.has(entry))
    .map((entry) => (isGap(entry) ? entry : lineOf(entry, pairs.get(entry))));
}

function lineOf(entry: TransportRecord, request: TransportRecord | undefined): Line {
  if (!request) return { record: entry, response: null, quiet: isBare(entry) };
  return { record: request, response: entry, quiet: isBare(request) && isBare(entry) };
}

/** A poll that waits, an answer that says only `ok`, a heartbeat: nothing that a reader looks for. */
function isBare(record: TransportRecord): boolean {
  if (record.says.length === 0) return false;
  if (carries(record)) return isQuiet(record);
  const { kind, name } = record.says[0]!;
  if (kind === "frame") return isQuiet(record);
  return kind === "request" ? name === "poll" : kind === "response" && name === "ok";
}

/** Whether a line has what somebody looks for, in what it says or in how the protocol calls it. */
export function has(
  shown: Shown,
  wanted: string,
  say: (record: TransportRecord) => string,
): boolean {
  if (!isLine(shown)) return true;
  const text = [shown.record, shown.response]
    .filter((record) => record !== null)
    .flatMap((record) => [say(record), record.title, ...record.meaning])
    .join("\n");
  return text.toLowerCase().includes(wanted.toLowerCase());
}
