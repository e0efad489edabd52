// Who wants to hear that a state has changed: once a frame, however often it did.

/** Runs it before the browser paints next; while the page is hidden, when it is shown again. */
const onFrame = (run: () => void): void => void requestAnimationFrame(run);

export class Watchers {
  readonly #all = new Set<() => void>();
  #due = false;

  constructor(private readonly soon: (run: () => void) => void = onFrame) {}

  readonly subscribe = (watcher: () => void): (() => void) => {
    this.#all.add(watcher);
    return () => this.#all.delete(watcher);
  };

  changed(): void {
    if (this.#due) return;
    this.#due = true;
    this.soon(() => {
      this.#due = false;
      for (const watcher of this.#all) watcher();
    });
  }
}
