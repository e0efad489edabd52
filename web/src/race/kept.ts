// Over a reload: the race that this tab ran last, and how it was set up.

import { tabs } from "../app/storage";
import type { Network } from "../control";
import { STILL } from "../inspector/network";
import { BOUNDS } from "./options";
import type { Ranking } from "./ranking";
import type { RaceState } from "./store";

const RACE = "lab.race";
const SETUP = "lab.race.setup";
/** A page of another version can't read what this one keeps. */
const VERSION = 1;

export type KeptRace = Pick<RaceState, "ranking" | "result" | "problem" | "saved">;

/** What is asked of the next race. */
export interface RaceSetup {
  /** Null: nobody has chosen, and the usual ones run. */
  picked: readonly string[] | null;
  network: Network;
  rounds: number;
  messages: number;
  burst: boolean;
  together: boolean;
}

export const USUAL_SETUP: RaceSetup = {
  picked: null,
  network: STILL,
  rounds: 5,
  messages: 5,
  burst: false,
  together: false,
};

export function keepRace(race: KeptRace | null): void {
  tabs.put(RACE, race && JSON.stringify({ version: VERSION, ...race }, shortened));
}

/** A thousandth of a millisecond is finer than the clock of any browser. */
const shortened = (key: string, value: unknown): unknown =>
  key !== "seed" && typeof value === "number" ? Math.round(value * 1_000) / 1_000 : value;

export function keptRace(): KeptRace | null {
  const race = parsed<KeptRace>(RACE);
  return race?.ranking && isWhole(race.ranking) ? race : null;
}

/** Every transport of the plan has a lane with samples. */
function isWhole({ plan, lanes }: Ranking): boolean {
  const transports = plan?.transports ?? [];
  return transports.length > 0 && transports.every((name) => Array.isArray(lanes?.[name]?.rtt_ms));
}

export function keepSetup(setup: RaceSetup): void {
  tabs.put(SETUP, JSON.stringify({ version: VERSION, ...setup }));
}

export function keptSetup(): RaceSetup {
  const kept = parsed<Partial<RaceSetup>>(SETUP);
  if (!kept) return USUAL_SETUP;
  return {
    picked: Array.isArray(kept.picked) ? kept.picked : null,
    network: { ...STILL, ...kept.network },
    rounds: within("rounds", kept.rounds),
    messages: within("messages", kept.messages),
    burst: kept.burst === true,
    together: kept.together === true,
  };
}

/** The number, where it is one that may be asked for; a field that was emptied has none. */
function within(name: "rounds" | "messages", value: unknown): number {
  const [low, high] = BOUNDS[name];
  const fits = Number.isInteger(value) && Number(value) >= low && Number(value) <= high;
  return fits ? Number(value) : USUAL_SETUP[name];
}

function parsed<T>(name: string): T | null {
  try {
    const { version, ...rest } = JSON.parse(tabs.read(name) ?? "null") ?? {};
    return version === VERSION ? (rest as T) : null;
  } catch {
    return null; // somebody else wrote it
  }
}
