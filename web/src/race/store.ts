// The page's one race: it goes on whatever view is shown, and is driven by people and by programs.

import type { Lab } from "../app/lab";
import { type Control, ControlError } from "../control";
import { type Connect, connectorOf } from "../wires";
import { race } from "./engine";
import type { RaceOptions } from "./options";
import { productOf, type RaceResult, type Standing, savable } from "./standing";

export interface RaceState {
  running: boolean;
  standing: Standing | null;
  result: RaceResult | null;
  /** How the race ended where it has no result: `stopped`, or what was wrong. */
  problem: { stopped: boolean; reason: string } | null;
  /** The run that the result was saved as. */
  saved: string | null;
  /** Why it could not be saved. */
  unsaved: string | null;
}

const SERVER_MS = 15_000;
const NONE = { standing: null, result: null, problem: null, saved: null, unsaved: null };

export class RaceStore {
  #state: RaceState = { running: false, ...NONE };
  #watchers = new Set<() => void>();
  #told = true;
  #stop = new AbortController();

  constructor(private readonly control: Control) {}

  readonly snapshot = (): RaceState => this.#state;

  readonly subscribe = (watcher: () => void): (() => void) => {
    this.#watchers.add(watcher);
    return () => this.#watchers.delete(watcher);
  };

  /** Run a race; see `engine.race`. Rejects as well while another one runs. */
  async run(options: RaceOptions): Promise<RaceResult> {
    if (this.#state.running) throw new Error("a race is running already");
    this.#stop = new AbortController();
    this.#set({ ...NONE, running: true });
    try {
      await serverOf(this.control);
      const result = await race(options, this.#ground(), {
        onStanding: (standing) => this.#set({ standing }),
        signal: this.#stop.signal,
        browser: productOf(navigator.userAgent),
      });
      this.#set({ running: false, result });
      return result;
    } catch (error) {
      const reason = error instanceof Error ? error.message : String(error);
      this.#set({ running: false, problem: { stopped: this.#stop.signal.aborted, reason } });
      throw error;
    }
  }

  stop(): void {
    this.#stop.abort(new Error("stopped"));
  }

  /** Keep the result as a run of the lab; says in the state how that went. */
  async save(): Promise<void> {
    const { result } = this.#state;
    if (!result) return;
    try {
      const { run } = await this.control.ask({ type: "save_race", race: savable(result) });
      this.#set({ saved: run, unsaved: null });
    } catch (error) {
      this.#set({ unsaved: error instanceof Error ? error.message : String(error) });
    }
  }

  #ground() {
    return {
      control: this.control,
      connectorOf: (name: string): Connect => {
        const wire = this.control.snapshot().hello?.wires.find((one) => one.name === name);
        if (!wire) throw new Error(`the server has no wire called ${name}`);
        if (!wire.available) throw new Error(wire.reason ?? "not available");
        return connectorOf(wire);
      },
    };
  }

  #set(change: Partial<RaceState>): void {
    this.#state = { ...this.#state, ...change };
    if (!this.#told) return;
    this.#told = false;
    // Not on a frame: a race goes on while its page is hidden, and so does who drives it.
    setTimeout(() => {
      this.#told = true;
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
  const known = stores.get(lab) ?? new RaceStore(lab.control);
  stores.set(lab, known);
  return known;
}
