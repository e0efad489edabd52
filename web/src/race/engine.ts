// The race: the same messages over many transports from this browser, in rounds, none favoured.

import { type Ground, Lane } from "./lane";
import { planned, type RaceOptions } from "./options";
import {
  advanced,
  type Happening,
  lined,
  type RaceResult,
  type Ranking,
  resultOf,
} from "./ranking";
import { schedule } from "./schedule";
import { Traffic } from "./traffic";

export interface Watching {
  /** Called with each new ranking. */
  onStanding?: (ranking: Ranking) => void;
  signal?: AbortSignal;
  /** What the result calls this browser. */
  browser: string;
}

/**
 * Run a race; a transport that fails drops out with its reason in `void`, and the others go on.
 *
 * Rejects with a RangeError for options out of bounds, with the signal's reason when it is stopped.
 */
export async function race(
  options: RaceOptions,
  ground: Ground,
  watching: Watching,
): Promise<RaceResult> {
  const plan = planned(options, Math.floor(Math.random() * 2 ** 32));
  const signal = watching.signal ?? new AbortController().signal;
  const traffic = new Traffic(ground.control);
  let ranking = lined(plan);
  const tell = (happening: Happening) => {
    ranking = advanced(ranking, happening);
    watching.onStanding?.(ranking);
  };
  watching.onStanding?.(ranking);
  const run = new Run(signal, tell);
  const rooms = `race-${crypto.getRandomValues(new Uint32Array(1))[0]!.toString(36)}`;
  const lane = (transport: string) =>
    new Lane(transport, `${rooms}-${transport}`.slice(0, 64), plan, ground, traffic, tell, signal);
  try {
    run.line(plan.transports, lane);
    await run.each(plan.transports, (one) => one.enter(), true);
    for (const order of schedule(plan.transports, plan.rounds, plan.seed)) {
      await run.each(order, (one) => one.round(), plan.together);
    }
    if (plan.burst > 0) await run.each(plan.transports, (one) => one.burst(), false);
    await run.each(plan.transports, (one) => one.finish(), true);
  } finally {
    await run.leave();
    traffic.stop();
  }
  return resultOf(ranking, watching.browser);
}

/** The lanes that are still in the race. */
class Run {
  #lanes = new Map<string, Lane>();
  #out: Lane[] = [];

  constructor(
    private readonly signal: AbortSignal,
    private readonly tell: (happening: Happening) => void,
  ) {}

  line(transports: readonly string[], lane: (transport: string) => Lane): void {
    for (const transport of transports) {
      try {
        this.#lanes.set(transport, lane(transport));
      } catch (error) {
        this.#fail(transport, error);
      }
    }
  }

  /** Let each lane do its part, in this order or all at once. */
  async each(
    transports: readonly string[],
    part: (lane: Lane) => Promise<void>,
    together: boolean,
  ): Promise<void> {
    const going: Promise<void>[] = [];
    for (const transport of transports) {
      const lane = this.#lanes.get(transport);
      if (!lane) continue;
      going.push(part(lane).catch((error: unknown) => this.#fail(transport, error)));
      if (!together) await going.at(-1);
      if (this.signal.aborted) break;
    }
    await Promise.all(going);
    this.signal.throwIfAborted();
  }

  #fail(transport: string, error: unknown): void {
    const lane = this.#lanes.get(transport);
    if (lane) this.#out.push(lane);
    this.#lanes.delete(transport);
    if (this.signal.aborted) return;
    const reason = error instanceof Error ? error.message : String(error);
    this.tell({ type: "failed", transport, reason });
  }

  async leave(): Promise<void> {
    await Promise.all([...this.#lanes.values(), ...this.#out].map((lane) => lane.leave()));
  }
}
