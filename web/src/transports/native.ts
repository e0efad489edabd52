// The native transports: the browser's own WebSocket, one JSON text in a frame.

import { Conversation } from "./conversation";
import { whenOpen } from "./ending";
import { CONNECT_MS, type Connect, type OnEvent, TransportError } from "./transport";

class Native extends Conversation {
  readonly #socket: WebSocket;
  #open = false;

  constructor(url: string, onEvent: OnEvent) {
    super(onEvent);
    this.#socket = new WebSocket(url);
    this.#socket.onopen = () => {
      this.#open = true;
      this.opened();
    };
    this.#socket.onmessage = (event) => this.take(String(event.data));
    this.#socket.onclose = (event) => this.end(reasonOf(event, this.#open));
  }

  protected override write(text: string): void {
    this.#socket.send(text);
  }

  protected override sendClose(): void {
    this.#socket.close(1000);
  }

  // The end of its TCP connection tells the server.
  protected override farewell(): void {}

  protected override release(): void {
    this.#socket.onopen = this.#socket.onmessage = this.#socket.onclose = null;
    this.#socket.close();
  }
}

/** RFC 6455 section 7.4.1: 1006 stands for an end without a close frame. */
function reasonOf(event: CloseEvent, wasOpen: boolean): string {
  if (event.code !== 1006) return `the server closed it (${event.code} ${event.reason})`.trimEnd();
  if (wasOpen) return "the connection broke";
  return "the WebSocket handshake failed: no server listens there, or this page is refused";
}

export const connectNative: Connect = (url, onEvent, signal) =>
  whenOpen(new Native(url, onEvent), signal);

/**
 * As a stream of HTTP/2 (RFC 8441). A browser opens it on a connection that it has, and opens none for it.
 * It keeps requests with credentials apart from those without, and a WebSocket is one with.
 */
export const connectStream: Connect = async (url, onEvent, signal) => {
  const late = AbortSignal.timeout(CONNECT_MS);
  try {
    await fetch(url.replace(/^ws/, "http"), {
      mode: "no-cors",
      credentials: "include",
      cache: "no-store",
      signal: signal ? AbortSignal.any([signal, late]) : late,
    });
  } catch {
    signal?.throwIfAborted();
    throw new TransportError("a request failed");
  }
  return connectNative(url, onEvent, signal);
};
