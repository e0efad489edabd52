// During a race: one transport on a line of its own, which shakes hands and says messages when asked to.

import type { Control, Counters } from "../control";
import type { Reply } from "../room";
import type { Client, Connect } from "../transports/transport";
import { Echoes } from "./echoes";
import type { Plan } from "./options";
import { Late, within } from "./patience";
import type { Happening } from "./ranking";
import type { Traffic } from "./traffic";

/** What a lane stands on. */
export interface Ground {
  control: Pick<Control, "ask" | "onPush">;
  /** How a transport is spoken; throws where the server has no such transport. */
  connectorOf: (transport: string) => Connect;
}

type Tell = (happening: Happening) => void;
type Line = { line: string; url: string };

const PATIENCE_MS = 15_000;
const CLOSE_MS = 3_000;
const NAME = "racer";

export class Lane {
  #line: Line | null = null;
  #client: Client | null = null;
  #counting: Promise<void> = Promise.resolve();
  readonly #echoes: Echoes;
  readonly #text: string;
  readonly #patience: number;
  readonly #settling: number;
  readonly #connect: Connect;

  constructor(
    readonly transport: string,
    private readonly room: string,
    private readonly plan: Plan,
    private readonly ground: Ground,
    private readonly traffic: Traffic,
    private readonly tell: Tell,
    private readonly signal: AbortSignal,
  ) {
    const { delay_ms, jitter_ms } = plan.network;
    this.#connect = ground.connectorOf(transport);
    this.#echoes = new Echoes(room);
    this.#text = "x".repeat(plan.payload_bytes);
    this.#settling = 4 * (delay_ms + jitter_ms);
    this.#patience = PATIENCE_MS + 5 * this.#settling;
  }

  /** Enter the room, and say one message that does not count: everything is warm afterwards. */
  async enter(): Promise<void> {
    this.#line = await this.#open();
    this.#client = await this.#connected(this.#line.url, this.#echoes.hear);
    const joined = await this.#within(
      this.#client.request({ type: "join", room: this.room, name: NAME }),
    );
    if (joined.type === "refused") throw new Error(joined.reason);
    await this.#say();
    await this.traffic.settled(this.#line.line, this.#settling);
    this.tell({ type: "opened", transport: this.transport });
  }

  /** One round: handshakes first, then messages, one in flight. */
  async round(): Promise<void> {
    for (let n = 0; n < this.plan.handshakes; n++) await this.#handshake();
    await this.#messages();
  }

  /** All messages at once; lasts until the last reply, and the last message to come back. */
  async burst(): Promise<void> {
    await this.#counting;
    const { burst: messages } = this.plan;
    const begin = performance.now();
    const said = await Promise.all(Array.from({ length: messages }, () => this.#say()));
    const lost = await this.#echoes.missing(said, this.#patience);
    const ms = performance.now() - begin;
    this.tell({ type: "burst", transport: this.transport, burst: { messages, ms, lost } });
  }

  /** Tell what the line carried in all, once it is at rest. */
  async finish(): Promise<void> {
    await this.#counting;
    const counters = await this.traffic.settled(this.#line!.line, this.#settling);
    this.tell({
      type: "totals",
      transport: this.transport,
      connections: counters?.connections.opened ?? 0,
      requests: counters?.requests ?? 0,
    });
    this.tell({ type: "finished", transport: this.transport });
  }

  /** Give everything back, however the race ended. */
  async leave(): Promise<void> {
    if (this.#client) await sendClose(this.#client);
    if (this.#line) await this.#close(this.#line.line);
  }

  /** A line of its own, so that nothing is kept open, or remembered, from the one before. */
  async #handshake(): Promise<void> {
    const { line, url } = await this.#open();
    try {
      const begin = performance.now();
      const client = await this.#connected(url, () => undefined);
      this.tell({ type: "handshake", transport: this.transport, ms: performance.now() - begin });
      await sendClose(client);
    } finally {
      await this.#close(line);
    }
  }

  async #messages(): Promise<void> {
    // The count of the round before may still be waiting for its line to come to rest.
    await this.#counting;
    const { messages } = this.plan;
    const before = this.traffic.of(this.#line!.line);
    const said: number[] = [];
    for (let n = 0; n < messages; n++) said.push(await this.#timed());
    const lost = await this.#echoes.missing(said, this.#patience);
    if (lost > 0) this.tell({ type: "lost", transport: this.transport, messages: lost });
    this.#counting = this.#count(before, messages);
    // An error in it is reported to the next caller that waits.
    this.#counting.catch(() => undefined);
  }

  async #timed(): Promise<number> {
    const begin = performance.now();
    const seq = await this.#say();
    this.tell({ type: "rtt", transport: this.transport, ms: performance.now() - begin });
    return seq;
  }

  /** Say the text; its number in the room. */
  async #say(): Promise<number> {
    const reply: Reply = await this.#within(
      this.#client!.request({ type: "say", room: this.room, text: this.#text }),
    ).catch((error: unknown) => this.#lost(error));
    if (reply.type === "said") return reply.seq;
    throw new Error(reply.type === "refused" ? reply.reason : `${reply.type} for a say`);
  }

  #lost(error: unknown): never {
    if (error instanceof Late) this.tell({ type: "lost", transport: this.transport, messages: 1 });
    throw error;
  }

  async #count(before: Counters | null, messages: number): Promise<void> {
    const after = await this.traffic.settled(this.#line!.line, this.#settling);
    if (!before || !after) throw new Error("the server did not count this line");
    this.tell({
      type: "traffic",
      transport: this.transport,
      messages,
      up_bytes: after.up_bytes - before.up_bytes,
      down_bytes: after.down_bytes - before.down_bytes,
    });
  }

  async #open(): Promise<Line> {
    const { line, url } = await this.#within(
      this.ground.control.ask({ type: "open", transport: this.transport }),
    );
    await this.#within(
      this.ground.control.ask({ type: "emulate", line, network: this.plan.network }),
    );
    return { line, url };
  }

  #connected(url: string, hear: Echoes["hear"]): Promise<Client> {
    return this.#within(this.#connect(url, hear, this.signal));
  }

  async #close(line: string): Promise<void> {
    this.traffic.forget(line);
    // A line that is gone already, or whose server is, needs no closing.
    await this.ground.control.ask({ type: "close", line }).catch(() => undefined);
  }

  #within<T>(coming: Promise<T>): Promise<T> {
    return within(coming, this.#patience, this.signal);
  }
}

/** A close that fails needs no message: the end of the connection reports it. */
async function sendClose(client: Client): Promise<void> {
  const never = new AbortController();
  await within(client.close(), CLOSE_MS, never.signal).catch(() => undefined);
}
