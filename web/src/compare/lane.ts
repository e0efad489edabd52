// One lane: a transport on a link of its own. It connects, joins a room of its own, and says messages.

import { Watchers } from "../app/watchers";
import { newKey } from "../chat/key";
import { type Control, ControlError, type Network, type TransportInfo } from "../control";
import { Feed } from "../inspector/feed";
import type { Code, RoomEvent } from "../room";
import { type Client, connectorOf } from "../transports";
import type { Marks } from "./waterfall";

/** `refused`: the server would not take a command. `lost`: the transport, or the server, is gone. */
export type Trouble = { kind: "refused"; code: Code } | { kind: "lost"; reason: string };

export interface LaneState {
  phase: "idle" | "connecting" | "open" | "ended";
  trouble: Trouble | null;
  marks: Marks;
  clock_ms: number;
  messages: number;
  /** What was said last. */
  text: string;
  /** In force when it began to connect. */
  network: Network | null;
}

const UNTOUCHED = { joined: null, say: null, said: null, delivered: null };
const NOTHING: LaneState = {
  phase: "idle",
  trouble: null,
  marks: { connect: 0, ...UNTOUCHED },
  clock_ms: 0,
  messages: 0,
  text: "",
  network: null,
};
const NAME = "you";
const CLOCK_TRIES = 5;

export class Lane {
  readonly feed: Feed;
  #state: LaneState = NOTHING;
  readonly #watchers = new Watchers();
  #attempt = new AbortController();
  #client: Client | null = null;
  #line: string | null = null;
  #room = "";
  #saying: Promise<void> = Promise.resolve();
  #delivered: () => void = () => undefined;

  constructor(private readonly control: Pick<Control, "ask" | "onPush">) {
    this.feed = new Feed(control);
  }

  readonly snapshot = (): LaneState => this.#state;

  readonly subscribe = this.#watchers.subscribe;

  /** Connect anew by this transport, join a room in which nobody else is, and say a text. */
  async run(transport: TransportInfo, text: string): Promise<void> {
    this.leave();
    const { signal } = this.#attempt;
    const { network } = this.feed.snapshot();
    this.#set({ ...NOTHING, phase: "connecting", network });
    try {
      await this.#enter(transport, signal);
      this.say(text);
    } catch (error) {
      if (!signal.aborted) this.#ended(reasonOf(error));
    }
  }

  /** Say a text, once the one before has come back. */
  say(text: string): void {
    const client = this.#client;
    if (!client) return;
    this.#saying = this.#saying.then(() => this.#say(client, text));
  }

  /** Resolves when nothing is on its way. */
  quiet(): Promise<void> {
    return this.#saying;
  }

  /** Close what is open. */
  leave(): void {
    this.#attempt.abort();
    this.#attempt = new AbortController();
    const [client, line] = [this.#client, this.#line];
    this.#client = null;
    this.#line = null;
    this.#saying = Promise.resolve();
    this.feed.follow(null);
    this.#set(NOTHING);
    void this.#close(client, line);
  }

  async #enter(transport: TransportInfo, signal: AbortSignal): Promise<void> {
    const { line, url } = await this.control.ask({ type: "open", transport: transport.name });
    if (signal.aborted) return this.#close(null, line);
    this.#line = line;
    await this.feed.prepare(line);
    const clock_ms = await this.#clock(line);
    if (signal.aborted) return;
    const connect = performance.now();
    this.#set({ clock_ms, marks: { connect, ...UNTOUCHED } });
    const hear = (event: RoomEvent) => this.#heard(event, signal);
    const client = await connectorOf(transport)(url.replace(/\/$/, ""), hear, signal);
    this.#client = client;
    void client.closed.then((reason) => {
      if (!signal.aborted) this.#ended(reason);
    });
    this.#room = `compare-${newKey()}`;
    const reply = await client.request({ type: "join", room: this.#room, name: NAME });
    const joined = performance.now();
    if (signal.aborted) return;
    if (reply.type === "refused") throw new Error(reply.reason);
    this.#set({ phase: "open", marks: { ...this.#state.marks, joined } });
  }

  /** The page's time at 0 of the link's clock: by the quickest of some answers. */
  async #clock(line: string): Promise<number> {
    let best = { took: Number.POSITIVE_INFINITY, zero: 0 };
    for (let n = 0; n < CLOCK_TRIES; n++) {
      const asked = performance.now();
      const { at_ms } = await this.control.ask({ type: "clock", line });
      const took = performance.now() - asked;
      if (took < best.took) best = { took, zero: asked + took / 2 - at_ms };
    }
    return best.zero;
  }

  async #say(client: Client, text: string): Promise<void> {
    if (client !== this.#client) return;
    const delivered = new Promise<void>((resolve) => {
      this.#delivered = resolve;
    });
    const { marks } = this.#state;
    const command = { type: "say", room: this.#room, text } as const;
    this.#set({ text, trouble: null, marks: { ...marks, ...UNTOUCHED, joined: marks.joined } });
    this.#mark({ say: performance.now() });
    try {
      const reply = await client.request(command);
      const said = performance.now();
      if (client !== this.#client) return;
      if (reply.type === "refused") {
        this.#set({ trouble: { kind: "refused", code: reply.code } });
      } else {
        this.#set({ messages: this.#state.messages + 1 });
        this.#mark({ said });
        await Promise.race([delivered, client.closed]);
      }
    } catch {
      // `closed` says why.
    }
  }

  #heard(event: RoomEvent, signal: AbortSignal): void {
    const now = performance.now();
    if (signal.aborted || event.type !== "message") return;
    this.#mark({ delivered: now });
    this.#delivered();
  }

  #ended(reason: string): void {
    this.#client = null;
    this.#set({ phase: "ended", trouble: { kind: "lost", reason } });
  }

  #mark(marks: Partial<Marks>): void {
    this.#set({ marks: { ...this.#state.marks, ...marks } });
  }

  async #close(client: Client | null, line: string | null): Promise<void> {
    await client?.close();
    // A link whose server is gone needs no closing.
    if (line) await this.control.ask({ type: "close", line }).catch(() => undefined);
  }

  /** The state is new at once, the watchers hear of it once a frame. */
  #set(change: Partial<LaneState>): void {
    this.#state = { ...this.#state, ...change };
    this.#watchers.changed();
  }
}

function reasonOf(error: unknown): string {
  if (error instanceof ControlError) return error.message;
  return error instanceof Error ? error.message : String(error);
}
