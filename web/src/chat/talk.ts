// The chat's shell: it keeps one wire open, and hands what crosses it to the reducer.

import type { Control } from "../control";
import { type ChatState, NOBODY } from "./state";

export class Talk {
  #state: ChatState = NOBODY;
  #watchers = new Set<() => void>();

  constructor(readonly control: Control) {}

  /** A new object whenever something changed. */
  readonly snapshot = (): ChatState => this.#state;

  readonly subscribe = (watcher: () => void): (() => void) => {
    this.#watchers.add(watcher);
    return () => this.#watchers.delete(watcher);
  };
}
