// Shared by the transports: a client opens once and ends once, and then nothing of it is left.

import type { Reply } from "../room";
import { CLOSE_MS, CONNECT_MS, TransportError } from "./transport";

type Waiting = { resolve: (reply: Reply) => void; reject: (error: TransportError) => void };

export abstract class Ending {
  readonly ready: Promise<void>;
  readonly closed: Promise<string>;
  /** Call when a command can be sent. */
  protected opened!: () => void;
  readonly #waiting = new Map<number, Waiting>();
  #resolveClosed!: (reason: string) => void;
  #over: string | null = null;
  #next = 1;

  constructor() {
    this.ready = new Promise((resolve) => {
      this.opened = resolve;
    });
    this.closed = new Promise((resolve) => {
      this.#resolveClosed = resolve;
    });
    globalThis.window?.addEventListener("pagehide", this.#leavePage);
  }

  get over(): boolean {
    return this.#over !== null;
  }

  /** Wait for what the server answers to the command that `write` sends under an id. */
  protected expect(write: (id: number) => void): Promise<Reply> {
    if (this.#over !== null) return Promise.reject(new TransportError(this.#over));
    const id = this.#next++;
    return new Promise((resolve, reject) => {
      this.#waiting.set(id, { resolve, reject });
      write(id);
    });
  }

  /** An answer came: it goes to who waits for it, once. */
  protected answer(id: number, reply: Reply): void {
    const waiting = this.#waiting.get(id);
    this.#waiting.delete(id);
    waiting?.resolve(reply);
  }

  /** It has ended: let go of all that belongs to the transport, and say so to all who wait. */
  protected end(reason: string): void {
    if (this.#over !== null) return;
    this.#over = reason;
    globalThis.window?.removeEventListener("pagehide", this.#leavePage);
    this.release();
    for (const { reject } of this.#waiting.values()) reject(new TransportError(reason));
    this.#waiting.clear();
    this.#resolveClosed(reason);
  }

  abandon(reason: string): void {
    if (this.over) return;
    this.farewell();
    this.end(reason);
  }

  async close(): Promise<void> {
    if (this.over) return;
    const timer = setTimeout(() => this.end("closed"), CLOSE_MS);
    this.sendClose();
    await this.closed;
    clearTimeout(timer);
  }

  /** Begin to close; `end` follows. */
  protected abstract sendClose(): void;
  /** Tell the server that we are gone where it would not notice, without waiting. */
  protected abstract farewell(): void;
  /** Close sockets, remove elements, stop timers. */
  protected abstract release(): void;

  readonly #leavePage = (): void => this.abandon("the page was left");
}

/**
 * The client as soon as a command can be sent.
 *
 * Rejects with a TransportError if it ended before, or took longer than CONNECT_MS; with the signal's
 * reason if that was aborted.
 */
export async function whenOpen<C extends Ending>(client: C, signal?: AbortSignal): Promise<C> {
  const late = `no answer within ${CONNECT_MS / 1000} seconds`;
  const timer = setTimeout(() => client.abandon(late), CONNECT_MS);
  const abort = () => client.abandon("aborted");
  signal?.addEventListener("abort", abort);
  if (signal?.aborted) abort();
  const ended = client.closed.then((reason) => {
    throw new TransportError(reason);
  });
  try {
    await Promise.race([client.ready, ended]);
    return client;
  } catch (error) {
    throw signal?.aborted ? signal.reason : error;
  } finally {
    clearTimeout(timer);
    signal?.removeEventListener("abort", abort);
  }
}
