// Before a race: what may be asked of it. Pure; the bounds keep a race from becoming a load test.

import type { Network } from "../control";

export interface RaceOptions {
  /** One to nine names; the page itself asks for two or more. */
  transports: string[];
  rounds: number;
  network?: Partial<Network>;
  /** Of each transport in each round. */
  handshakes?: number;
  /** Of each transport in each round, one in flight. */
  messages?: number;
  /** Of each transport at the end, all in flight at once; 0: no burst. */
  burst?: number;
  payload_bytes?: number;
  /** All transports of a round at once, instead of one after the other: quicker, and less exact. */
  together?: boolean;
  seed?: number;
}

export type Plan = Required<Omit<RaceOptions, "network">> & { network: Network };

/** From, to: both allowed. */
export const BOUNDS = {
  transports: [1, 9],
  rounds: [1, 100],
  handshakes: [1, 10],
  messages: [1, 100],
  burst: [0, 1_000],
  payload_bytes: [1, 65_536],
  delay_ms: [0, 5_000],
  jitter_ms: [0, 5_000],
} as const satisfies Record<string, readonly [number, number]>;

const STILL: Network = { delay_ms: 0, jitter_ms: 0, bandwidth_bit_per_s: null };

/** The whole of what is to be done; throws a RangeError that says what is out of bounds. */
export function planned(options: RaceOptions, seed: number): Plan {
  const plan: Plan = {
    handshakes: 1,
    messages: 5,
    burst: 0,
    payload_bytes: 64,
    together: false,
    seed,
    ...options,
    network: { ...STILL, ...options.network },
  };
  const problem = problemOf(plan);
  if (problem) throw new RangeError(problem);
  return plan;
}

function problemOf(plan: Plan): string | undefined {
  const { transports, network } = plan;
  if (new Set(transports).size !== transports.length) return "the same transport twice";
  const bandwidth = network.bandwidth_bit_per_s;
  if (bandwidth !== null && !(bandwidth > 0)) return `bandwidth_bit_per_s is ${bandwidth}`;
  if (network.jitter_ms > network.delay_ms) return "jitter_ms is more than delay_ms";
  const values = { ...plan, ...network, transports: transports.length };
  for (const [name, [low, high]] of Object.entries(BOUNDS)) {
    const value = values[name as keyof typeof BOUNDS];
    const whole = Number.isInteger(value) || name.endsWith("_ms");
    if (!whole || !(value >= low && value <= high)) {
      return `${name} is ${value}, not ${low} to ${high}`;
    }
  }
  return undefined;
}
