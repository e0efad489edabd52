// The page's one race: it goes on whatever view is shown, and is driven by people and by programs.

import type { Lab } from "../app/lab";
import { type Control, ControlError } from "../control";
import { type Connect, connectorOf } from "../transports";
import { race } from "./engine";
import { keepRace, keptRace } from "./kept";
import type { RaceOptions } from "./options";
import { productOf, type RaceResult, type Ranking, savable } from "./ranking";

export interface RaceState {
  running: boolean;
  ranking: Ranking | null;
  result: RaceResult | null;
  /** performance.now() when it began, and how long it was expected to take. */
  began: number;
  expected_ms: number;
  /** How the race ended where it has no result. `reloaded`: the page went away meanwhile. */
  problem: { kind: "stopped" | "reloaded" | "failed"; reason: string } | null;
  /** The run that the result was saved as. */
  saved: string | null;
  /** Why it could not be saved. */
  unsaved: string | null;
}

const SERVER_MS = 15_000;
const NONE = { ranking: null, result: null, problem: null, saved: null, unsaved: null };
const IDLE: RaceState = { running: false, began: 0, expected_ms: 0, ...NONE };

export class RaceStore {
  #state: RaceState = { ...IDLE, ...keptRace() };
  #watchers = new Set<() => void>();
  #notified = true;
  #stop = new AbortController();

  constructor(private readonly control: Control) {}

  readonly snapshot = (): RaceState => this.#state;

  readonly subscribe = (watcher: () => void): (() => void) => {
    this.#watchers.add(watcher);
    return () => this.#watchers.delete(watcher);
  };

  /** Run a race; see `engine.race`. Rejects as well while another one runs. */
  async run(options: RaceOptions, expected_ms = 0): Promise<RaceResult> {
    if (this.#state.running) throw new Error("a race is running already");
    this.#stop = new AbortController();
    keepRace(null);
    this.#set({ ...NONE, running: true, began: performance.now(), expected_ms });
    try {
      await serverOf(this.control);
      const result = await race(options, this.#ground(), {
        onStanding: (ranking) => this.#set({ ranking }),
        signal: this.#stop.signal,
        browser: productOf(navigator.userAgent),
      });
      this.#set({ running: false, result });
      return result;
    } catch (error) {
      const reason = error instanceof Error ? error.message : String(error);
      const kind = this.#stop.signal.aborted ? "stopped" : "failed";
      this.#set({ running: false, problem: { kind, reason } });
      throw error;
    } finally {
      this.keep();
    }
  }

  stop(): void {
    this.#stop.abort(new Error("stopped"));
  }

  /** Keep what is shown over a reload. One that still runs ends with the page. */
  keep(): void {
    const { running, ranking, result, problem, saved } = this.#state;
    const ended = running ? ({ kind: "reloaded", reason: "reloaded" } as const) : problem;
    keepRace({ ranking, result, problem: ended, saved });
  }

  /** Keep the result as a run of the lab; says in the state how that went. */
  async save(): Promise<void> {
    const { result } = this.#state;
    if (!result) return;
    try {
      const { run } = await this.control.ask({ type: "save_race", race: savable(result) });
      this.#set({ saved: run, unsaved: null });
      this.keep();
    } catch (error) {
      this.#set({ unsaved: error instanceof Error ? error.message : String(error) });
    }
  }

  #ground() {
    return {
      control: this.control,
      connectorOf: (name: string): Connect => {
        const transport = this.control
          .snapshot()
          .hello?.transports.find((one) => one.name === name);
        if (!transport) throw new Error(`the server has no transport called ${name}`);
        if (!transport.available) throw new Error(transport.reason ?? "not available");
        return connectorOf(transport);
      },
    };
  }

  #set(change: Partial<RaceState>): void {
    this.#state = { ...this.#state, ...change };
    if (!this.#notified) return;
    this.#notified = false;
    // Not on a frame: a race goes on while its page is hidden, and so does who drives it.
    setTimeout(() => {
      this.#notified = true;
      for (const watcher of this.#watchers) watcher();
    }, 50);
  }
}

/** Wait until the server is there; rejects when it isn't for a while. */
async function serverOf(control: Control): Promise<void> {
  if (control.snapshot().up) return;
  await new Promise<void>((resolve, reject) => {
    const timer = setTimeout(() => {
      unsubscribe();
      reject(new ControlError("down", control.snapshot().reason ?? "the server is not there"));
    }, SERVER_MS);
    const unsubscribe = control.subscribe(() => {
      if (!control.snapshot().up) return;
      clearTimeout(timer);
      unsubscribe();
      resolve();
    });
  });
}

const stores = new WeakMap<Lab, RaceStore>();

export function raceOf(lab: Lab): RaceStore {
  const known = stores.get(lab);
  if (known) return known;
  const store = new RaceStore(lab.control);
  window.addEventListener("pagehide", () => store.keep());
  stores.set(lab, store);
  return store;
}
