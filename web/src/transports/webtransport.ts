// The transport over WebTransport: one stream of one session, each JSON text with its length before it.

import { Conversation } from "./conversation";
import { whenOpen } from "./ending";
import { encode, Texts } from "./lengths";
import { type Connect, type OnEvent, TransportError } from "./transport";

export const NONE = "this browser has no WebTransport: take a newer one, or another transport";

class OnStream extends Conversation {
  readonly #session: WebTransport;
  #writer: WritableStreamDefaultWriter<BufferSource> | null = null;

  constructor(url: string, onEvent: OnEvent) {
    super(onEvent);
    const { address, options } = addressOf(url);
    this.#session = new WebTransport(address, options);
    void this.#run();
  }

  async #run(): Promise<void> {
    const closed = this.#session.closed.then(
      ({ closeCode, reason }) => `the server closed it (${closeCode} ${reason})`.trimEnd(),
      (error: Error) =>
        this.#writer ? "the connection broke" : `the handshake failed: ${error.message}`,
    );
    this.#read().catch(() => {}); // `closed` has the reason
    this.end(await closed);
  }

  async #read(): Promise<void> {
    await this.#session.ready;
    const stream = await this.#session.createBidirectionalStream();
    this.#writer = stream.writable.getWriter();
    this.opened();
    const texts = new Texts();
    const reader: ReadableStreamDefaultReader<Uint8Array> = stream.readable.getReader();
    for (let read = await reader.read(); !read.done; read = await reader.read()) {
      for (const text of texts.feed(read.value)) this.take(text);
    }
  }

  protected override write(text: string): void {
    this.#writer?.write(encode(text)).catch(() => {});
  }

  protected override sendClose(): void {
    this.#session.close({ closeCode: 0, reason: "" });
  }

  protected override farewell(): void {
    this.#session.close();
  }

  protected override release(): void {
    this.#session.close();
  }
}

/** The part of the URL after `#` has the SHA-256 of the certificate that the browser is to trust. */
export function addressOf(url: string): { address: string; options: WebTransportOptions } {
  const [address = url, hash] = url.split("#sha256=");
  if (hash === undefined) return { address, options: {} };
  const value = Uint8Array.from(atob(decodeURIComponent(hash)), (letter) => letter.charCodeAt(0));
  return { address, options: { serverCertificateHashes: [{ algorithm: "sha-256", value }] } };
}

export const connectWebTransport: Connect = (url, onEvent, signal) => {
  if (!globalThis.WebTransport) return Promise.reject(new TransportError(NONE));
  return whenOpen(new OnStream(url, onEvent), signal);
};
