// Shared by the fallbacks: a handshake, a GET that brings what comes, POSTs for what is said.

import { Conversation } from "./conversation";
import { whenOpen } from "./ending";
import { CLOSE, decodePayload, encodePayload, HEARTBEAT, message, type Packet } from "./payload";
import { type Connect, type OnEvent, TransportError } from "./transport";
import { get } from "./xhr";

/** What waits for a POST goes together up to so many UTF-16 code units; what is longer goes alone. */
const GATHERED = 64 * 1024;

export abstract class Fallback extends Conversation {
  /** Aborted when the transport ends: requests, timers and elements hang on it. */
  protected readonly gone: AbortSignal;
  protected readonly root: string;
  readonly #format: string;
  readonly #abort = new AbortController();
  #session: string | null = null;
  #outbox: string[] = [];
  #posting = false;
  #leaving = false;
  #sawClose = false;
  #silence: ReturnType<typeof setTimeout> | undefined;
  #silenceMs = 0;
  #stamped = 0;

  constructor(format: string, url: string, onEvent: OnEvent) {
    super(onEvent);
    this.#format = format;
    this.root = `${url}/socket.io/1/`;
    this.gone = this.#abort.signal;
  }

  /** Whether nothing more will come: the server has closed the session. */
  protected get closeAnnounced(): boolean {
    return this.#sawClose;
  }

  /** Read until the server closes; throw where the stream stops without a close packet. */
  protected abstract read(): Promise<void>;

  /** Begin; what goes wrong ends the client. */
  async run(): Promise<void> {
    try {
      this.#begin(await this.handshake());
      await this.read();
      if (!this.#sawClose) throw new TransportError("the stream ended without a close packet");
      this.end(this.#leaving ? "closed" : "the server closed the connection");
    } catch (error) {
      this.#failed(error);
    }
  }

  /** What answers the handshake: `<session>:<heartbeat s>:<close s>:<transport>`. */
  protected handshake(): Promise<string> {
    return get(`${this.root}?t=${this.stamp()}`, this.gone);
  }

  /** The time, in ms, or the next that is free: no two requests are the same, to a cache or the server. */
  protected stamp(): number {
    this.#stamped = Math.max(Date.now(), this.#stamped + 1);
    return this.#stamped;
  }

  /** The session's address, different each time. */
  protected address(): string {
    return `${this.root}${this.#format}/${this.#session}?t=${this.stamp()}`;
  }

  /** A payload came down. */
  protected receive(payload: string): void {
    this.#heard();
    for (const packet of decodePayload(payload)) this.#obey(packet);
  }

  /** Carry one payload up; resolves when the server has it. */
  protected async post(payload: string): Promise<void> {
    const answer = await fetch(this.address(), {
      method: "POST",
      body: this.encodeUp(payload),
      signal: this.gone,
    });
    const text = await answer.text();
    if (!answer.ok) throw new TransportError(`the server refused what was sent: ${text.trim()}`);
  }

  /** The body of a payload in the form in which this transport posts it. */
  protected encodeUp(payload: string): BodyInit {
    return payload;
  }

  protected override write(text: string): void {
    this.#put(message(text));
  }

  protected override sendClose(): void {
    this.#leaving = true;
    this.#put(CLOSE);
  }

  // A session of polls would seem alive until it misses one.
  protected override farewell(): void {
    if (this.#session && !this.#sawClose) {
      navigator.sendBeacon(this.address(), this.encodeUp(CLOSE));
    }
  }

  protected override release(): void {
    clearTimeout(this.#silence);
    this.#abort.abort();
  }

  #begin(answer: string): void {
    const [session, , close_s, ...rest] = answer.split(":");
    if (!session || rest.length !== 1) {
      throw new TransportError("the handshake's answer is not session:heartbeat:close:transport");
    }
    this.#session = session;
    // As Socket.IO 0.9 did: where nothing comes for the close timeout, nobody is there any more.
    this.#silenceMs = Number(close_s) * 1000;
    this.#heard();
  }

  #obey({ kind, data }: Packet): void {
    if (kind === "4") this.take(data);
    else if (kind === "2") this.#put(HEARTBEAT);
    else if (kind === "1") this.opened();
    else if (kind === "0") this.#sawClose = true;
    else if (kind === "7") throw new TransportError(`the server says error ${data}`);
  }

  /** The server is there: it has so long to show itself again. */
  #heard(): void {
    clearTimeout(this.#silence);
    if (this.over || !this.#silenceMs) return;
    const reason = `nothing came for ${this.#silenceMs / 1000} seconds`;
    this.#silence = setTimeout(() => this.abandon(reason), this.#silenceMs);
  }

  #put(packet: string): void {
    this.#outbox.push(packet);
    if (!this.#posting) void this.#postAll();
  }

  /** One POST at a time; what is said meanwhile goes with the next. */
  async #postAll(): Promise<void> {
    this.#posting = true;
    try {
      while (this.#outbox.length > 0 && !this.over) {
        await this.post(encodePayload(this.#gathered()));
      }
    } catch (error) {
      this.#failed(error);
    } finally {
      this.#posting = false;
    }
  }

  #gathered(): string[] {
    let size = this.#outbox[0]!.length;
    let count = 1;
    while (count < this.#outbox.length && size + this.#outbox[count]!.length <= GATHERED) {
      size += this.#outbox[count++]!.length;
    }
    return this.#outbox.splice(0, count);
  }

  #failed(error: unknown): void {
    if (!this.over) {
      this.abandon(error instanceof TypeError ? "a request failed" : String(messageOf(error)));
    }
  }
}

function messageOf(error: unknown): unknown {
  return error instanceof Error ? error.message : error;
}

type Kind = new (format: string, url: string, onEvent: OnEvent) => Fallback;

/** How to connect to a fallback, by the name that its sessions' addresses have. */
export type ConnectBy = (format: string) => Connect;

export const connectBy =
  (kind: Kind): ConnectBy =>
  (format) =>
  (url, onEvent, signal) => {
    const client = new kind(format, url, onEvent);
    void client.run();
    return whenOpen(client, signal);
  };
