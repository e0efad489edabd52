// The view's memory: two lanes, and what both are to do.

import type { Lab } from "../app/lab";
import type { Network, TransportInfo } from "../control";
import { Lane } from "./lane";
import { type Settings, USUAL } from "./settings";

export interface CompareState {
  settings: Settings;
  /** Nothing gets through on either link. */
  offline: boolean;
}

export const SIDES = [0, 1] as const;
export type Side = (typeof SIDES)[number];

export const OFFLINE_MS = 5_000;
/** Both connect again when the network has not changed for so long. */
const SETTLED_MS = 500;

export class CompareStore {
  readonly lanes: readonly [Lane, Lane];
  #state: CompareState = { settings: USUAL, offline: false };
  #watchers = new Set<() => void>();
  #again: ReturnType<typeof setTimeout> | undefined;
  #online: ReturnType<typeof setTimeout> | undefined;
  #running = false;

  constructor(private readonly control: Lab["control"]) {
    this.lanes = [new Lane(control), new Lane(control)];
  }

  readonly snapshot = (): CompareState => this.#state;

  readonly subscribe = (watcher: () => void): (() => void) => {
    this.#watchers.add(watcher);
    return () => this.#watchers.delete(watcher);
  };

  /** Begin with these settings. */
  start(settings: Settings): void {
    this.#running = true;
    this.#set({ settings });
    for (const lane of this.lanes) void lane.feed.emulate(settings.network);
    this.again();
  }

  /** Close both lanes. */
  stop(): void {
    this.#running = false;
    clearTimeout(this.#again);
    clearTimeout(this.#online);
    this.#set({ offline: false });
    for (const lane of this.lanes) lane.leave();
  }

  /** Both connect anew and say the text. */
  again(): void {
    clearTimeout(this.#again);
    for (const side of SIDES) this.#run(side);
  }

  choose(side: Side, transport: string): void {
    const transports = [...this.#state.settings.transports] as [string, string];
    transports[side] = transport;
    this.#change({ transports });
    this.#run(side);
  }

  /** In force at once; what is on its way arrives, and then both connect again. */
  emulate(network: Network): void {
    this.#change({ network });
    for (const lane of this.lanes) void lane.feed.emulate(network);
    clearTimeout(this.#again);
    this.#again = setTimeout(() => void this.#settled(network), SETTLED_MS);
  }

  send(text: string): void {
    this.#change({ text });
    for (const lane of this.lanes) lane.say(text);
  }

  /** Nothing gets through for a while. What is said meanwhile arrives afterwards. */
  async takeOffline(): Promise<void> {
    this.#set({ offline: true });
    await Promise.all(this.lanes.map((lane) => lane.feed.stall(true)));
    this.#online = setTimeout(() => void this.#bringOnline(), OFFLINE_MS);
  }

  async #bringOnline(): Promise<void> {
    await Promise.all(this.lanes.map((lane) => lane.feed.stall(false)));
    this.#set({ offline: false });
  }

  async #settled(network: Network): Promise<void> {
    await Promise.all(this.lanes.map((lane) => lane.quiet()));
    if (this.#running && this.#state.settings.network === network) this.again();
  }

  #run(side: Side): void {
    const { transports, text } = this.#state.settings;
    const info = this.#info(transports[side]);
    if (info) void this.lanes[side].run(info, text);
  }

  #info(name: string): TransportInfo | undefined {
    return this.control.snapshot().hello?.transports.find((each) => each.name === name);
  }

  #change(settings: Partial<Settings>): void {
    this.#set({ settings: { ...this.#state.settings, ...settings } });
  }

  #set(change: Partial<CompareState>): void {
    this.#state = { ...this.#state, ...change };
    for (const watcher of this.#watchers) watcher();
  }
}

const stores = new WeakMap<Lab, CompareStore>();

/** The page's one comparison. */
export function compareOf(lab: Lab): CompareStore {
  const known = stores.get(lab);
  if (known) return known;
  const store = new CompareStore(lab.control);
  stores.set(lab, store);
  return store;
}
