// For programs that drive the page: `window.lab.race(options)`, as `lab bench --client browser` does.

import type { Lab } from "../app/lab";
import type { RaceOptions } from "./options";
import type { RaceResult } from "./ranking";

export interface Driven {
  /** Runs a race in view of whoever looks; see `engine.race` for what it gives and how it fails. */
  race(options: RaceOptions): Promise<RaceResult>;
}

/** The engine is loaded with the first race. */
export function expose(lab: Lab): void {
  const driven: Driven = {
    race: async (options) => (await import("./store")).raceOf(lab).run(options),
  };
  // Not declared for all: the measuring page has a `window.lab` of its own.
  Object.assign(window, { lab: driven });
}
