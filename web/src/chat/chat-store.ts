// The chat's shell: what a person does becomes commands, and what comes goes to the reducer.

import type { Control } from "../control";
import type { Command, Joined, Refused, Reply, RoomEvent } from "../room";
import type { Client } from "../transports";
import { Asking } from "./asking";
import { newKey } from "./key";
import { Link, type Owner } from "./link";
import { type Action, reduce } from "./reduce";
import { keep, kept } from "./session-storage";
import { type ChatState, NOBODY, type Problem } from "./state";

/** How much of a room's log is fetched at once, in events. */
export const PAGE = 50;
/** A former connection of ours may hold the name until the server finds out that it is dead. */
export const NAME_HELD_MS = 60_000;
const NAME_AGAIN_MS = 500;
const TYPING_EVERY_MS = 2_000;
/** What is pasted and sent at once must not wait behind a notice that somebody types. */
const TYPING_AFTER_MS = 300;
const QUIET_MS = 1_000;
const FRAME_MS = 16;

export class ChatStore {
  #state: ChatState = NOBODY;
  #watchers = new Set<() => void>();
  #notified = 0;
  #notifying: ReturnType<typeof setTimeout> | undefined;
  #link: Link;
  #asking = new Asking();
  /** Whether a name that is taken may be held by a former connection of ours. */
  #returning = false;
  /** Room that is being joined -> what came for it meanwhile: `joined` has to be taken first. */
  #held = new Map<string, RoomEvent[]>();
  #looking = false;
  #typed = 0;
  #typing: ReturnType<typeof setTimeout> | undefined;

  /** Called with each new line before anything crosses it; the inspector watches and bends it. */
  prepare: (line: string) => Promise<void> = async () => undefined;

  constructor(control: Control) {
    this.#link = new Link(control, this.#owner());
    control.onPush((push) => {
      if (push.type === "presence") this.#do(push);
    });
    setInterval(() => this.#do({ type: "quiet", now: performance.now() }), QUIET_MS);
  }

  /** A new object whenever something changed. */
  readonly snapshot = (): ChatState => this.#state;

  readonly subscribe = (watcher: () => void): (() => void) => {
    this.#watchers.add(watcher);
    return () => this.#watchers.delete(watcher);
  };

  // Coming and going.

  /** Connect by a transport, and join a first room. */
  enter(name: string, transport: string, room: string): void {
    this.#returning = false;
    this.#do({ type: "entered", name, transport });
    this.#do({ type: "wanted", room });
    this.#link.open(transport);
  }

  /** Go on where this tab was before it was loaded anew, if it was somewhere. */
  resume(): void {
    const former = kept();
    if (!former || former.rooms.length === 0) return;
    this.#returning = true;
    this.#do({ type: "entered", name: former.name, transport: former.transport });
    for (const { room, pending } of former.rooms) {
      this.#do({ type: "wanted", room });
      for (const one of pending) this.#do({ type: "say", room, ...one });
    }
    if (former.current) this.#do({ type: "shown", room: former.current });
    this.#link.open(former.transport);
  }

  /** Close, and forget everything. */
  async quit(problem: Problem | null = null): Promise<void> {
    this.#do({ type: "quit", problem });
    await this.#link.close();
  }

  /** Go on by another transport: the rooms, and what is on its way, come along. */
  async switchTo(transport: string): Promise<void> {
    this.#do({ type: "switched", transport });
    this.#do({ type: "phase", phase: "connecting", problem: null });
    this.#returning = true; // the server may take a moment to free the name
    await this.#link.close();
    if (this.#state.transport === transport) this.#link.open(transport);
  }

  retry(): void {
    this.#link.retry();
  }

  // The rooms.

  join(room: string): void {
    this.#do({ type: "wanted", room });
    const client = this.#link.client;
    const underWay = this.#state.rooms.get(room)?.inside || this.#held.has(room);
    if (client && !underWay) void this.#join(client, room);
  }

  async leave(room: string): Promise<void> {
    const inside = this.#state.rooms.get(room)?.inside;
    this.#do({ type: "left", room });
    if (inside) await this.#ask({ type: "leave", room });
  }

  show(room: string): void {
    this.#do({ type: "shown", room });
  }

  /** Whether somebody is looking at the room that is shown; what comes then is read. */
  look(looking: boolean): void {
    this.#looking = looking;
    if (looking && this.#state.current) this.show(this.#state.current);
  }

  say(room: string, text: string): void {
    const now = performance.now();
    const key = newKey();
    this.#typed = 0;
    clearTimeout(this.#typing);
    this.#do({ type: "say", room, key, text, now });
    if (this.#state.rooms.get(room)?.inside) void this.#say(room, key, text);
  }

  /** Send a text again that was refused; under its key it can't be posted twice. */
  again(room: string, key: string): void {
    const state = this.#state.rooms.get(room);
    const one = state?.pending.find((pending) => pending.key === key);
    if (!one) return;
    this.#do({ type: "failed", room, key, code: null });
    if (state?.inside) void this.#say(room, key, one.text);
  }

  discard(room: string, key: string): void {
    this.#do({ type: "discarded", room, key });
  }

  dismiss(): void {
    this.#do({ type: "problem", problem: null });
  }

  /** A key was pressed: the others are notified now and then. */
  type(room: string): void {
    const now = performance.now();
    if (now - this.#typed < TYPING_EVERY_MS) return;
    this.#typed = now;
    this.#typing = setTimeout(() => {
      if (this.#state.rooms.get(room)?.inside) this.#link.client?.send({ type: "typing", room });
    }, TYPING_AFTER_MS);
  }

  /** Fetch what was said before the first entry that is known. */
  async older(room: string): Promise<void> {
    const first = this.#state.rooms.get(room)?.entries[0]?.seq;
    if (first !== undefined) await this.#page(room, first);
  }

  // What the link tells.

  #owner(): Owner {
    return {
      connecting: () => this.#do({ type: "phase", phase: "connecting" }),
      prepare: (line) => this.prepare(line),
      lined: (line) => this.#do({ type: "line", line }),
      opened: (client) => this.#opened(client),
      heard: (event) => this.#heard(event),
      lost: (problem) => this.#lost(problem),
      waiting: (retryAt) => this.#do({ type: "phase", phase: "waiting", retryAt }),
    };
  }

  #opened(client: Client): void {
    this.#held.clear();
    this.#do({ type: "phase", phase: "open", problem: null });
    this.#do({ type: "carrier", carrier: client.transport?.() ?? null });
    client.watchTransport?.((carrier) => {
      if (this.#link.client === client) this.#do({ type: "carrier", carrier });
    });
    for (const room of this.#state.rooms.keys()) void this.#join(client, room);
  }

  /** A transport that never opened is reported on the join form; one that did is opened again. */
  #lost(problem: Problem): boolean {
    if (this.#state.connections === 0 && !this.#returning && problem.kind !== "server") {
      void this.quit(problem);
      return false;
    }
    this.#returning = true;
    this.#do({ type: "problem", problem });
    return true;
  }

  #heard(event: RoomEvent): void {
    this.#asking.heard();
    const held = this.#held.get(event.room);
    if (held) held.push(event);
    else this.#do({ type: "event", event, now: performance.now(), looking: this.#looking });
  }

  // The commands.

  async #join(client: Client, room: string): Promise<void> {
    const since = performance.now();
    while (this.#link.client === client && this.#state.rooms.has(room)) {
      const { cursor, epoch } = this.#state.rooms.get(room)!;
      const after = cursor || undefined;
      this.#held.set(room, []);
      const reply = await this.#asking.ask(client, joinOf(room, this.#state.name, after, epoch));
      if (this.#link.client !== client || !reply) return;
      if (reply.type === "joined") return this.#joined(reply, after);
      this.#held.delete(room);
      if (reply.type !== "refused" || reply.code === "already_in_room") return;
      const held = reply.code === "name_taken" && (this.#returning || after !== undefined);
      if (!held || performance.now() - since > NAME_HELD_MS) return this.#refused(room, reply);
      this.#do({ type: "problem", problem: refusal(reply, room, true) });
      await new Promise((resolve) => setTimeout(resolve, NAME_AGAIN_MS));
    }
  }

  #joined(reply: Joined, after: number | undefined): void {
    const { problem } = this.#state;
    const solved = problem?.kind === "refused" && problem.room === reply.room;
    if (solved) this.dismiss();
    this.#do({ type: "joined", reply, after });
    const held = this.#held.get(reply.room) ?? [];
    this.#held.delete(reply.room);
    for (const event of held) this.#heard(event);
    const room = this.#state.rooms.get(reply.room);
    for (const { key, text, failed } of room?.pending ?? []) {
      if (!failed) void this.#say(reply.room, key, text);
    }
    if (after === undefined || room?.restarted) void this.#page(reply.room, reply.seq + 1);
  }

  /** Where it was the only room, there is nothing to stay for. */
  #refused(room: string, reply: Refused): void {
    const problem = refusal(reply, room, false);
    if (this.#state.rooms.size === 1) return void this.quit(problem);
    this.#do({ type: "left", room });
    this.#do({ type: "problem", problem });
  }

  async #page(room: string, before: number): Promise<void> {
    const reply = await this.#ask({ type: "history", room, before, limit: PAGE });
    if (reply?.type === "page") this.#do({ ...reply, asked: PAGE });
    else if (reply?.type === "refused") {
      this.#do({ type: "problem", problem: refusal(reply, room, false) });
    }
  }

  async #say(room: string, key: string, text: string): Promise<void> {
    this.#do({ type: "sent", room, key, now: performance.now() });
    const reply = await this.#ask({ type: "say", room, text, key });
    if (reply?.type === "said") {
      this.#do({ type: "said", room, key, reply, now: performance.now() });
    } else if (reply?.type === "refused") {
      this.#do({ type: "failed", room, key, code: reply.code });
    }
  }

  #ask(command: Command): Promise<Reply | null> {
    const client = this.#link.client;
    return client ? this.#asking.ask(client, command) : Promise.resolve(null);
  }

  // The state.

  #do(action: Action): void {
    const next = reduce(this.#state, action);
    if (next === this.#state) return;
    this.#state = next;
    const wait = Math.max(0, this.#notified + FRAME_MS - performance.now());
    this.#notifying ??= setTimeout(() => this.#notify(), wait);
  }

  /** At most once a frame, however much comes. */
  #notify(): void {
    this.#notifying = undefined;
    this.#notified = performance.now();
    keep(this.#state);
    for (const watcher of this.#watchers) watcher();
  }
}

function joinOf(
  room: string,
  name: string,
  after: number | undefined,
  epoch: string | null,
): Command {
  const known = after === undefined ? {} : epoch === null ? { after } : { after, epoch };
  return { type: "join", room, name, ...known };
}

function refusal({ code, reason }: Refused, room: string, again: boolean): Problem {
  return { kind: "refused", code, reason, room, again };
}
