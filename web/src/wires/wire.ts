// What every wire gives the page: one way to connect, and a client that says and hears.

import type { Command, Reply, RoomEvent } from "../room";

export interface Client {
  /** Send a command that is answered. Rejects with a WireError where the wire ends before. */
  request(command: Command): Promise<Reply>;
  /** Send a command that is never answered (`typing`). Does nothing once the wire has ended. */
  send(command: Command): void;
  /** Say goodbye in the wire's own way; resolves when all that belongs to the wire is gone. */
  close(): Promise<void>;
  /** Let go at once; a polling wire still tells the server, without waiting for its answer. */
  abandon(reason: string): void;
  /** Resolves with the reason in plain words when the wire ends, however it does. */
  readonly closed: Promise<string>;
  /** By what a Socket.IO client is carried now: "polling", later "websocket". */
  readonly transport?: () => string;
  /** Calls `watch` whenever that changes. */
  readonly watchTransport?: (watch: (name: string) => void) => void;
}

export type OnEvent = (event: RoomEvent) => void;

/** Resolves when a command can be sent; rejects with a WireError, or the signal's reason. */
export type Connect = (url: string, onEvent: OnEvent, signal?: AbortSignal) => Promise<Client>;

/** How long a wire may take to open, in ms: three round trips of the slowest line, and some more. */
export const CONNECT_MS = 40_000;
/** How long a goodbye may take, in ms. */
export const GOODBYE_MS = 2_000;

/** The wire could not be opened, or has ended; the message says what happened. */
export class WireError extends Error {
  override name = "WireError";
}
