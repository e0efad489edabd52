// What every transport gives the page: one way to connect, and a client that says and hears.

import type { Command, Reply, RoomEvent } from "../room";

export interface Client {
  /** Send a command that is answered. Rejects with a TransportError where the transport ends before. */
  request(command: Command): Promise<Reply>;
  /** Send a command that is never answered (`typing`). Does nothing once the transport has ended. */
  send(command: Command): void;
  /** Close in the transport's own way; resolves when all that belongs to the transport is gone. */
  close(): Promise<void>;
  /** Let go at once; a polling transport still tells the server, without waiting for its answer. */
  abandon(reason: string): void;
  /** Resolves with the reason in plain words when the transport ends, however it does. */
  readonly closed: Promise<string>;
  /** By what a Socket.IO client is carried now: "polling", later "websocket". */
  readonly transport?: () => string;
  /** Calls `watch` whenever that changes. */
  readonly watchTransport?: (watch: (name: string) => void) => void;
}

export type OnEvent = (event: RoomEvent) => void;

/** Resolves when a command can be sent; rejects with a TransportError, or the signal's reason. */
export type Connect = (url: string, onEvent: OnEvent, signal?: AbortSignal) => Promise<Client>;

/** How long a transport may take to open, in ms: three round trips of the slowest line, and some more. */
export const CONNECT_MS = 40_000;
/** How long closing may take, in ms. */
export const CLOSE_MS = 2_000;

/** The transport could not be opened, or has ended; the message says what happened. */
export class TransportError extends Error {
  override name = "TransportError";
}
