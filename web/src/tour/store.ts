// The tour's memory: what was guessed and measured in this tab. It looks at whatever is done.

import type { Lab } from "../app/lab";
import { tabs } from "../app/storage";
import { type Feed, feedOf } from "../inspector/feed";
import { raceOf } from "../race/store";
import {
  begun,
  CUT_MS,
  isBack,
  type Mark,
  type Measured,
  marked,
  measured,
  noted,
  type Outage,
  type Seen,
  STEPS,
  type Step,
} from "./steps";

const STORED = "lab.tour";

export interface TourState {
  readonly guesses: Readonly<Partial<Record<Step, number>>>;
  /** A step is done when something was measured for it. */
  readonly measured: Readonly<Partial<Record<Step, Measured>>>;
  /** performance.now() until which the link is cut; null: it is not. */
  readonly awayUntil: number | null;
  /** The link has come back, and nothing had been written. */
  readonly silent: boolean;
}

export const isDone = ({ measured: found }: TourState, step: Step): boolean =>
  found[step] !== undefined;

export class TourStore {
  #state: TourState = { ...kept(), awayUntil: null, silent: false };
  #marks = new Map<Step, Mark>();
  #outage: Outage | null = null;
  #watchers = new Set<() => void>();

  constructor(
    private readonly see: () => Seen,
    private readonly feed: Pick<Feed, "stall" | "cut">,
  ) {
    // What was guessed before a reload: what is there by now doesn't count.
    for (const step of STEPS) if (this.#isOpen(step)) this.#marks.set(step, marked(see()));
  }

  readonly snapshot = (): TourState => this.#state;

  readonly subscribe = (watcher: () => void): (() => void) => {
    this.#watchers.add(watcher);
    return () => this.#watchers.delete(watcher);
  };

  guess(step: Step, guess: number): void {
    this.#marks.set(step, marked(this.see()));
    if (step === "cut") this.#outage = null;
    this.#set({ guesses: { ...this.#state.guesses, [step]: guess }, silent: false });
  }

  /** Forget a step, to guess again. */
  again(step: Step): void {
    const { [step]: _guess, ...guesses } = this.#state.guesses;
    const { [step]: _measured, ...found } = this.#state.measured;
    this.#set({ guesses, measured: found });
  }

  forget(): void {
    this.#set({ guesses: {}, measured: {}, silent: false });
  }

  /** Cut the link, and let nothing pass for some seconds. */
  async cut(): Promise<void> {
    if (this.#state.awayUntil !== null) return;
    this.#outage = begun(this.see());
    this.#set({ awayUntil: performance.now() + CUT_MS, silent: false });
    await this.feed.stall(true);
    await this.feed.cut("rst");
    setTimeout(() => void this.#carryOn(), CUT_MS);
  }

  async #carryOn(): Promise<void> {
    await this.feed.stall(false);
    if (this.#outage) this.#outage = { ...this.#outage, over: true };
    this.#set({ awayUntil: null });
    this.look();
  }

  /** Something may have happened. */
  look(): void {
    const seen = this.see();
    this.#outage = this.#outage && followed(this.#outage, seen);
    const found = { ...this.#state.measured };
    for (const step of STEPS) {
      const mark = this.#marks.get(step);
      const result = mark && this.#isOpen(step) && measured(step, seen, mark, this.#outage);
      if (result) found[step] = result;
    }
    const more = STEPS.some((step) => found[step] !== this.#state.measured[step]);
    if (more) this.#set({ measured: found });
    const silent = this.#isSilent(seen);
    if (silent !== this.#state.silent) this.#set({ silent });
  }

  /** It was guessed, and is not measured yet. */
  #isOpen(step: Step): boolean {
    return this.#state.guesses[step] !== undefined && !isDone(this.#state, step);
  }

  #isSilent({ chat, feed }: Seen): boolean {
    const outage = this.#outage;
    return outage !== null && outage.written.length === 0 && isBack(chat, feed, outage);
  }

  #set(change: Partial<TourState>): void {
    this.#state = { ...this.#state, ...change };
    const { guesses, measured: found } = this.#state;
    tabs.put(STORED, JSON.stringify({ guesses, measured: found }));
    for (const watcher of this.#watchers) watcher();
  }
}

/** What is known of a cut now; null where somebody has left the chat, and so what was written. */
function followed(outage: Outage, { chat, feed }: Seen): Outage | null {
  if (chat.phase === "idle") return null;
  return isBack(chat, feed, outage) ? outage : noted(outage, chat);
}

/** What this tab remembers; nothing of what another version wrote. */
function kept(): Pick<TourState, "guesses" | "measured"> {
  const { guesses, measured: found } = parsed(tabs.read(STORED));
  return {
    guesses: only(guesses, (guess): guess is number => typeof guess === "number"),
    measured: only(found, (one): one is Measured => typeof one?.value === "number" && !!one.facts),
  };
}

function parsed(text: string | null): { guesses?: never; measured?: never } {
  try {
    return JSON.parse(text ?? "{}") ?? {};
  } catch {
    return {};
  }
}

function only<T>(
  values: Partial<Record<Step, T>> | undefined,
  fits: (value: T | undefined) => boolean,
): Partial<Record<Step, T>> {
  return Object.fromEntries(
    STEPS.filter((step) => fits(values?.[step])).map((step) => [step, values?.[step]]),
  );
}

const stores = new WeakMap<Lab, TourStore>();

/** The page's one tour; from the first call on it looks at whatever is done. */
export function tourOf(lab: Lab): TourStore {
  const known = stores.get(lab);
  if (known) return known;
  const [feed, race] = [feedOf(lab), raceOf(lab)];
  const see = () => ({
    chat: lab.chatStore.snapshot(),
    feed: feed.snapshot(),
    race: race.snapshot(),
  });
  const store = new TourStore(see, feed);
  for (const source of [lab.chatStore, feed, race]) source.subscribe(() => store.look());
  stores.set(lab, store);
  return store;
}
