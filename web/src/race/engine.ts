// The race: the same messages over many wires from this browser, in rounds, none favoured.

import { type Ground, Lane } from "./lane";
import { planned, type RaceOptions } from "./options";
import { schedule } from "./schedule";
import {
  advanced,
  type Happening,
  lined,
  type RaceResult,
  resultOf,
  type Standing,
} from "./standing";
import { Traffic } from "./traffic";

export interface Watching {
  /** Called with each new standing. */
  onStanding?: (standing: Standing) => void;
  signal?: AbortSignal;
  /** What the result calls this browser. */
  browser: string;
}

/**
 * Run a race; a wire that fails drops out with its reason in `void`, and the others go on.
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
  let standing = lined(plan);
  const tell = (happening: Happening) => {
    standing = advanced(standing, happening);
    watching.onStanding?.(standing);
  };
  watching.onStanding?.(standing);
  const run = new Run(signal, tell);
  const rooms = `race-${crypto.getRandomValues(new Uint32Array(1))[0]!.toString(36)}`;
  const lane = (wire: string) =>
    new Lane(wire, `${rooms}-${wire}`.slice(0, 64), plan, ground, traffic, tell, signal);
  try {
    run.line(plan.wires, lane);
    await run.each(plan.wires, (one) => one.enter(), true);
    for (const order of schedule(plan.wires, plan.rounds, plan.seed)) {
      await run.each(order, (one) => one.round(), plan.together);
    }
    if (plan.burst > 0) await run.each(plan.wires, (one) => one.burst(), false);
    await run.each(plan.wires, (one) => one.finish(), true);
  } finally {
    await run.leave();
    traffic.stop();
  }
  return resultOf(standing, watching.browser);
}

/** The lanes that are still in the race. */
class Run {
  #lanes = new Map<string, Lane>();
  #out: Lane[] = [];

  constructor(
    private readonly signal: AbortSignal,
    private readonly tell: (happening: Happening) => void,
  ) {}

  line(wires: readonly string[], lane: (wire: string) => Lane): void {
    for (const wire of wires) {
      try {
        this.#lanes.set(wire, lane(wire));
      } catch (error) {
        this.#fail(wire, error);
      }
    }
  }

  /** Let each lane do its part, in this order or all at once. */
  async each(
    wires: readonly string[],
    part: (lane: Lane) => Promise<void>,
    together: boolean,
  ): Promise<void> {
    const going: Promise<void>[] = [];
    for (const wire of wires) {
      const lane = this.#lanes.get(wire);
      if (!lane) continue;
      going.push(part(lane).catch((error: unknown) => this.#fail(wire, error)));
      if (!together) await going.at(-1);
      if (this.signal.aborted) break;
    }
    await Promise.all(going);
    this.signal.throwIfAborted();
  }

  #fail(wire: string, error: unknown): void {
    const lane = this.#lanes.get(wire);
    if (lane) this.#out.push(lane);
    this.#lanes.delete(wire);
    if (this.signal.aborted) return;
    const reason = error instanceof Error ? error.message : String(error);
    this.tell({ type: "failed", wire, reason });
  }

  async leave(): Promise<void> {
    await Promise.all([...this.#lanes.values(), ...this.#out].map((lane) => lane.leave()));
  }
}
