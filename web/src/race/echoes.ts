// During a race: which of the messages that a lane said have come back to it, once each.

import type { RoomEvent } from "../room";

export class Echoes {
  #heard = new Set<number>();
  #doubled = 0;
  #watchers = new Set<() => void>();

  constructor(private readonly room: string) {}

  readonly hear = (event: RoomEvent): void => {
    if (event.type !== "message" || event.room !== this.room) return;
    if (this.#heard.has(event.seq)) this.#doubled += 1;
    this.#heard.add(event.seq);
    for (const watcher of this.#watchers) watcher();
  };

  /** How many of these have not come within `ms`, or have come twice; 0 as soon as all are there. */
  async missing(said: readonly number[], ms: number): Promise<number> {
    const lost = () => said.filter((seq) => !this.#heard.has(seq)).length;
    if (lost() > 0) await this.#change(() => lost() === 0, ms);
    const wrong = lost() + this.#doubled;
    this.#doubled = 0;
    for (const seq of said) this.#heard.delete(seq);
    return wrong;
  }

  #change(good: () => boolean, ms: number): Promise<void> {
    return new Promise((resolve) => {
      const end = () => {
        clearTimeout(timer);
        this.#watchers.delete(watcher);
        resolve();
      };
      const watcher = () => good() && end();
      const timer = setTimeout(end, ms);
      this.#watchers.add(watcher);
    });
  }
}
