// When each record went over the network: from where it was sent to where it had come. Pure.

import type { TransportRecord } from "../control";

/** On the clock of `at_ms`. `to`: null while it is under way. */
export interface Trip {
  from: number;
  to: number | null;
}

/**
 * The trips of these records by number. `arrived`: when a record had crossed the network.
 *
 * The link takes a page's first bytes as soon as a connection is accepted. On the network behind it
 * they could not have left before the connection was open.
 */
export function tripsOf(
  records: readonly TransportRecord[],
  arrived: ReadonlyMap<number, number>,
): ReadonlyMap<number, Trip> {
  const open = new Map<number, number>();
  const trips = new Map<number, Trip>();
  for (const { n, at_ms, connection, kind, direction } of records) {
    const to = arrived.get(n) ?? null;
    if (kind === "opened") open.set(connection, to ?? at_ms);
    const from = direction === "up" ? Math.max(at_ms, open.get(connection) ?? at_ms) : at_ms;
    trips.set(n, { from, to: to === null ? null : Math.max(from, to) });
  }
  return trips;
}
