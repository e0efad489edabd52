// Before the first race: a filled example, from a run that is committed in results/. Pure.

import { STILL } from "../inspector/network";
import EXAMPLE from "./example.json";
import { planned } from "./options";
import { type Lane, lined, type Ranking } from "./ranking";

/** The committed run that the example is of. */
export const EXAMPLE_RUN = EXAMPLE.run;

/** How many passes that run had. Each value of the example is the median of one. */
export const EXAMPLE_PASSES = Math.max(
  ...Object.values(EXAMPLE.transports).map(({ rtt_ms }) => rtt_ms.length),
);

/** The run as if it had been a race: a handshake and a message for each pass. */
export function example(): Ranking {
  const transports = Object.keys(EXAMPLE.transports);
  const rounds = EXAMPLE_PASSES;
  const ranking = lined(planned({ transports, rounds, messages: 1, network: STILL }, 0));
  const lanes = Object.entries(EXAMPLE.transports).map(([name, measured]): [string, Lane] => [
    name,
    { ...ranking.lanes[name]!, ...measured, state: "finished" },
  ]);
  return { ...ranking, lanes: Object.fromEntries(lanes), done: ranking.total };
}
