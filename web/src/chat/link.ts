// Below the chat: it keeps one client open on a line of its own, and opens another when that ends.

import { type Control, ControlError, type TransportInfo } from "../control";
import type { RoomEvent } from "../room";
import { type Client, connectorOf, TransportError } from "../transports";
import { backoff } from "./backoff";
import type { Problem } from "./state";

/** Who is notified of its state. */
export interface Owner {
  connecting(): void;
  /** There is a new line; nothing crosses it before this resolves. */
  prepare(line: string): Promise<void>;
  /** The line is in use, or there is none any more. */
  lined(line: string | null): void;
  opened(client: Client): void;
  heard(event: RoomEvent): void;
  /** It ended, or could not begin. False: it is not to be tried again. */
  lost(problem: Problem): boolean;
  /** It is tried again at this performance.now(); null: when the server is back. */
  waiting(retryAt: number | null): void;
}

export class Link {
  /** Aborted when what is open, or being opened, is no longer wanted. */
  #attempt = new AbortController();
  #transport: string | null = null;
  #client: Client | null = null;
  #line: { name: string; url: string } | null = null;
  #failures = 0;
  #waiting = false;
  #retry: ReturnType<typeof setTimeout> | undefined;

  constructor(
    private readonly control: Control,
    private readonly owner: Owner,
  ) {
    control.subscribe(() => this.#controlChanged());
    control.onPush((push) => {
      if (push.type === "closed" && push.line === this.#line?.name) this.#setLine(null);
    });
  }

  /** The client, while commands can be sent. */
  get client(): Client | null {
    return this.#client;
  }

  /** Connect by this transport, and stay connected. */
  open(transport: string): void {
    this.#transport = transport;
    this.#begin();
  }

  /** Close, and let go of the link. */
  async close(): Promise<void> {
    const [client, line] = [this.#client, this.#line];
    this.#cease();
    this.#transport = null;
    this.#failures = 0;
    this.#setLine(null);
    await client?.close();
    if (line) await this.#closeLine(line.name);
  }

  /** Try again now instead of waiting. */
  retry(): void {
    this.control.retry();
    if (this.#waiting) this.#begin();
  }

  #begin(): void {
    this.#cease();
    this.owner.connecting();
    void this.#connect(this.#attempt.signal);
  }

  #cease(): void {
    clearTimeout(this.#retry);
    this.#waiting = false;
    this.#attempt.abort(new TransportError("no longer wanted"));
    this.#attempt = new AbortController();
    this.#client = null;
  }

  async #connect(signal: AbortSignal): Promise<void> {
    try {
      const url = this.#line?.url ?? (await this.#openLine(signal));
      const connect = connectorOf(this.#info());
      const client = await connect(url, (event) => this.#heard(event, signal), signal);
      void client.closed.then((reason) => this.#lost({ kind: "transport", reason }, signal));
      this.#client = client;
      this.#failures = 0;
      this.owner.opened(client);
    } catch (error) {
      if (!signal.aborted) this.#giveUpLine();
      this.#lost(problemOf(error), signal);
    }
  }

  /** Nothing answered on it: its server may have ended, and the next link has another. */
  #giveUpLine(): void {
    const line = this.#line;
    this.#setLine(null);
    if (line) void this.#closeLine(line.name);
  }

  async #openLine(signal: AbortSignal): Promise<string> {
    const { line, url } = await this.control.ask({ type: "open", transport: this.#info().name });
    await this.owner.prepare(line);
    if (signal.aborted) {
      await this.#closeLine(line);
      throw signal.reason;
    }
    this.#setLine({ name: line, url: url.replace(/\/$/, "") });
    return this.#line!.url;
  }

  async #closeLine(line: string): Promise<void> {
    try {
      await this.control.ask({ type: "close", line });
    } catch (error) {
      // It is gone already: all lines end with the control connection.
      if (!(error instanceof ControlError)) throw error;
    }
  }

  #info(): TransportInfo {
    const { hello, reason } = this.control.snapshot();
    const info = hello?.transports.find(({ name }) => name === this.#transport);
    if (!info) throw new ControlError(hello ? "unknown" : "down", reason ?? "not connected yet");
    return info;
  }

  #heard(event: RoomEvent, signal: AbortSignal): void {
    if (!signal.aborted) this.owner.heard(event);
  }

  #lost(problem: Problem, signal: AbortSignal): void {
    if (signal.aborted) return;
    this.#cease();
    if (!this.owner.lost(problem)) return;
    this.#waiting = true;
    if (!this.control.snapshot().up) {
      this.owner.waiting(null);
      return;
    }
    const delay = backoff(this.#failures++, Math.random());
    this.#retry = setTimeout(() => this.#begin(), delay);
    this.owner.waiting(performance.now() + delay);
  }

  #controlChanged(): void {
    const { up } = this.control.snapshot();
    if (!up) this.#setLine(null);
    else if (this.#waiting) this.#begin();
  }

  #setLine(line: { name: string; url: string } | null): void {
    if (line === this.#line) return;
    this.#line = line;
    this.owner.lined(line?.name ?? null);
  }
}

function problemOf(error: unknown): Problem {
  const reason = error instanceof Error ? error.message : String(error);
  const down = error instanceof ControlError && error.code === "down";
  return { kind: down ? "server" : "transport", reason };
}
