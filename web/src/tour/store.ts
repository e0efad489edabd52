// The walk-through's memory: which steps were done in this tab, once and for all.

import type { Lab } from "../app/lab";
import { tabs } from "../app/storage";
import { feedOf } from "../inspector/feed";
import { raceOf } from "../race/store";
import { isDone, NOTHING_BEFORE, remembered, type Seen, STEPS, type Step } from "./steps";

const STORED = "lab.tour";

export class TourStore {
  #done: ReadonlySet<Step> = kept();
  #before = NOTHING_BEFORE;
  #watchers = new Set<() => void>();

  readonly snapshot = (): ReadonlySet<Step> => this.#done;

  readonly subscribe = (watcher: () => void): (() => void) => {
    this.#watchers.add(watcher);
    return () => this.#watchers.delete(watcher);
  };

  look(seen: Seen): void {
    this.#before = remembered(this.#before, seen);
    const fresh = STEPS.filter((step) => !this.#done.has(step) && isDone(step, seen, this.#before));
    if (fresh.length > 0) this.#set(new Set([...this.#done, ...fresh]));
  }

  /** Begin again. What the page still shows of a step counts at once. */
  forget(): void {
    this.#set(new Set());
  }

  #set(done: ReadonlySet<Step>): void {
    this.#done = done;
    tabs.put(STORED, [...done].join(" "));
    for (const watcher of this.#watchers) watcher();
  }
}

function kept(): ReadonlySet<Step> {
  const names = tabs.read(STORED)?.split(" ") ?? [];
  return new Set(STEPS.filter((step) => names.includes(step)));
}

const stores = new WeakMap<Lab, TourStore>();

/** The page's one walk-through; from the first call on it looks at whatever is done. */
export function tourOf(lab: Lab): TourStore {
  const known = stores.get(lab);
  if (known) return known;
  const store = new TourStore();
  const [feed, race] = [feedOf(lab), raceOf(lab)];
  const look = () =>
    store.look({
      chat: lab.talk.snapshot(),
      feed: feed.snapshot(),
      race: race.snapshot(),
      wires: lab.control.snapshot().hello?.wires ?? [],
    });
  for (const source of [lab.talk, feed, race, lab.control]) source.subscribe(look);
  look();
  stores.set(lab, store);
  return store;
}
