// Between the server's relay and the inspector: follows the line of the chat, and bends or cuts it.

import type { Lab } from "../app/lab";
import { Watchers } from "../app/watchers";
import {
  type Control,
  ControlError,
  type Detail,
  type FileForm,
  type Network,
  type Push,
} from "../control";
import { isStill, STILL } from "./network";
import { arrived, cleared, EMPTY, received, type Timeline } from "./timeline";

export interface FeedState {
  line: string | null;
  timeline: Timeline;
  /** In force on the line, and on the next one too. */
  network: Network;
  stalled: boolean;
  /** What the server refused, in its words. */
  problem: string | null;
}

type Channel = Pick<Control, "ask" | "onPush">;

export class Feed {
  #state: FeedState = {
    line: null,
    timeline: EMPTY,
    network: STILL,
    stalled: false,
    problem: null,
  };
  readonly #watchers: Watchers;
  #bending = false;

  constructor(
    private readonly control: Channel,
    soon?: (run: () => void) => void,
  ) {
    this.#watchers = new Watchers(soon);
    control.onPush((push) => this.#take(push));
  }

  readonly snapshot = (): FeedState => this.#state;

  readonly subscribe = (watcher: () => void): (() => void) => this.#watchers.subscribe(watcher);

  /** Before anything crosses a line: watch it from its first byte, and give it the network of the last one. */
  async prepare(line: string): Promise<void> {
    await this.control.ask({ type: "inspect", line, on: true });
    const { network } = this.#state;
    if (!isStill(network)) await this.#try(this.control.ask({ type: "emulate", line, network }));
    this.follow(line);
    // Somebody may have moved a slider meanwhile.
    if (network !== this.#state.network) await this.emulate(this.#state.network);
  }

  /** Show what crosses this line, and no other. */
  follow(line: string | null): void {
    if (line === this.#state.line) return;
    this.#set({ line, timeline: EMPTY, stalled: false, problem: null });
  }

  /** In force at once. While one is on its way only the newest of the others is asked for. */
  async emulate(network: Network): Promise<void> {
    this.#set({ network });
    if (this.#bending) return;
    this.#bending = true;
    try {
      let asked: Network | null = null;
      while (this.#state.line !== null && asked !== this.#state.network) {
        asked = this.#state.network;
        await this.#try(
          this.control.ask({ type: "emulate", line: this.#state.line, network: asked }),
        );
      }
    } finally {
      this.#bending = false;
    }
  }

  async stall(on: boolean): Promise<void> {
    const { line } = this.#state;
    if (line === null) return;
    if (await this.#try(this.control.ask({ type: "stall", line, on }))) this.#set({ stalled: on });
  }

  /** RST: as if a cable had been pulled out and a packet came too late; FIN: as if it were done. */
  async cut(how: "rst" | "fin"): Promise<void> {
    const { line } = this.#state;
    if (line === null) return;
    await this.#try(this.control.ask({ type: "cut", line, how }));
  }

  clear(): void {
    this.#set({ timeline: cleared(this.#state.timeline) });
  }

  /** What is inside a record; rejects with a ControlError, `forgotten` if it is too old. */
  async detail(record: number): Promise<Detail> {
    const { line } = this.#state;
    if (line === null) throw new ControlError("forgotten", "the line is gone");
    return this.control.ask({ type: "bytes", line, record });
  }

  /** All that crossed the line, as a file; null where the server refuses. */
  async file(form: FileForm): Promise<string | null> {
    const { line } = this.#state;
    if (line === null) return null;
    const asked = this.control.ask({ type: "export", line, form });
    return (await this.#try(asked)) ? (await asked).text : null;
  }

  #take(push: Push): void {
    if (!("line" in push) || push.line !== this.#state.line) return;
    const { timeline } = this.#state;
    if (push.type === "ledger") this.#set({ timeline: { ...timeline, account: push.account } });
    if (push.type === "counters") this.#set({ timeline: { ...timeline, counters: push } });
    if (push.type === "records") {
      const delay_ms = this.#state.network.delay_ms;
      this.#set({
        timeline: arrived(received(timeline, push.records, push.skipped), push, delay_ms),
      });
    }
    if (push.type === "closed") this.#set({ problem: push.reason });
  }

  async #try(asked: Promise<object>): Promise<boolean> {
    try {
      await asked;
      if (this.#state.problem !== null) this.#set({ problem: null });
      return true;
    } catch (error) {
      // That the server is gone the frame of the page says already.
      const down = error instanceof ControlError && error.code === "down";
      if (!down) this.#set({ problem: error instanceof Error ? error.message : String(error) });
      return false;
    }
  }

  /** The state is new at once, the watchers hear of it once a frame. */
  #set(change: Partial<FeedState>): void {
    this.#state = { ...this.#state, ...change };
    this.#watchers.changed();
  }
}

const feeds = new WeakMap<Lab, Feed>();

/** The page's one feed. From the first call on it follows whatever line the chat is on. */
export function feedOf(lab: Lab): Feed {
  const known = feeds.get(lab);
  if (known) return known;
  const feed = new Feed(lab.control);
  lab.chatStore.prepare = (line) => feed.prepare(line);
  lab.chatStore.subscribe(() => feed.follow(lab.chatStore.snapshot().line));
  feeds.set(lab, feed);
  return feed;
}
