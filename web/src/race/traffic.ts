// During a race: what the relays count on each line, and when a line has come to rest.

import type { Control, Counters, Push } from "../control";

/** Longer than the server lets two pushes of a line that changes be apart. */
const QUIET_MS = 300;
const LONGEST_MS = 10_000;

export class Traffic {
  #latest = new Map<string, Counters>();
  #changed = new Map<string, number>();
  readonly stop: () => void;

  constructor(control: Pick<Control, "onPush">) {
    this.stop = control.onPush((push) => this.#take(push));
  }

  #take(push: Push): void {
    if (push.type !== "counters") return;
    this.#latest.set(push.line, push);
    this.#changed.set(push.line, performance.now());
  }

  of(line: string): Counters | null {
    return this.#latest.get(line) ?? null;
  }

  forget(line: string): void {
    this.#latest.delete(line);
    this.#changed.delete(line);
  }

  /** What is counted when nothing has changed for a while, `more_ms` longer on a slow network. */
  async settled(line: string, more_ms: number): Promise<Counters | null> {
    const begin = performance.now();
    const quiet = QUIET_MS + more_ms;
    for (;;) {
      const now = performance.now();
      const rest = quiet - (now - Math.max(this.#changed.get(line) ?? begin, begin));
      if (rest <= 0 || now - begin > LONGEST_MS + more_ms) return this.of(line);
      await new Promise((resolve) => setTimeout(resolve, rest));
    }
  }
}
