// The Socket.IO transports: socket.io-client over polling, over WebSocket, or first one and then the other, or over
// WebTransport.

import { io, type Socket } from "socket.io-client";
import type { Command, Reply, RoomEvent } from "../room";
import { Ending, whenOpen } from "./ending";
import { type Client, CONNECT_MS, type Connect, type OnEvent, TransportError } from "./transport";
import { addressOf, NONE } from "./webtransport";

export type Carrier = "polling" | "websocket" | "webtransport";

const EVENTS: readonly RoomEvent["type"][] = ["message", "arrived", "departed", "typing"];
/** Engine.IO's packet for "close". */
const CLOSE = "1";

/** What reads and writes packets in place of `socket.io-parser`. */
type Parser = typeof import("socket.io-msgpack-parser");

class Socketio extends Ending implements Client {
  readonly #socket: Socket;
  readonly #url: string;

  constructor(url: string, onEvent: OnEvent, carriers: readonly Carrier[], parser?: Parser) {
    super();
    const { address, options } = addressOf(url);
    this.#url = address;
    // The chat connects again by itself, and on another manager: each client has its own line.
    this.#socket = io(address, {
      transports: [...carriers],
      transportOptions: { webtransport: options },
      reconnection: false,
      forceNew: true,
      timeout: CONNECT_MS,
      parser,
    });
    this.#socket.on("connect", () => this.opened());
    this.#socket.on("connect_error", (error) =>
      this.#lost(`the handshake failed: ${error.message}`),
    );
    this.#socket.on("disconnect", (reason) => this.#lost(reasonOf(reason)));
    for (const type of EVENTS) {
      this.#socket.on(type, (fields: object) => onEvent({ ...fields, type } as RoomEvent));
    }
  }

  readonly transport = (): string => this.#socket.io.engine?.transport.name ?? "";

  readonly watchTransport = (watch: (name: string) => void): void => {
    this.#socket.io.engine.on("upgrade", (transport) => watch(transport.name));
  };

  request({ type, ...fields }: Command): Promise<Reply> {
    return this.expect((id) => {
      this.#socket.emit(type, fields, (reply: object) => {
        this.answer(id, { ...reply, id } as Reply);
      });
    });
  }

  send({ type, ...fields }: Command): void {
    if (!this.over) this.#socket.emit(type, fields);
  }

  protected override sendClose(): void {
    // "disconnect" comes at once, but what was written last is still on its way until "close".
    this.#socket.off("disconnect");
    this.#socket.io.engine.once("close", () => this.end("closed"));
    this.#socket.disconnect();
  }

  // A broken WebSocket tells the server by itself; a session of polls would seem alive until its
  // heartbeat fails.
  protected override farewell(): void {
    const engine = this.#socket.io.engine;
    if (!engine?.id || engine.transport.name !== "polling") return;
    const url = `${this.#url}/socket.io/?EIO=4&transport=polling&sid=${engine.id}`;
    globalThis.navigator?.sendBeacon?.(url, CLOSE); // Node has none: there it is only measured
  }

  protected override release(): void {
    this.#socket.off();
    this.#socket.disconnect();
  }

  #lost(reason: string): void {
    this.abandon(reason);
  }
}

function reasonOf(reason: Socket.DisconnectReason): string {
  if (reason === "io server disconnect") return "the server closed the connection";
  if (reason === "ping timeout") return "the server's heartbeat did not come";
  return `the connection broke (${reason})`;
}

export const connectSocketio =
  (carriers: readonly Carrier[], msgpack: boolean): Connect =>
  async (url, onEvent, signal) => {
    if (carriers.includes("webtransport") && !globalThis.WebTransport) {
      throw new TransportError(NONE);
    }
    const parser = msgpack ? await msgpackParser() : undefined;
    return whenOpen(new Socketio(url, onEvent, carriers, parser), signal);
  };

/** Only who joins by a transport in msgpack fetches its parser. */
async function msgpackParser(): Promise<Parser> {
  try {
    return await import("socket.io-msgpack-parser");
  } catch (error) {
    throw new TransportError(`the parser could not be loaded: ${(error as Error).message}`);
  }
}
