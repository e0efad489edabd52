// Texts on a stream of bytes: before each stands its length, as QUIC writes numbers (RFC 9000, section 16).

const encoder = new TextEncoder();
const decoder = new TextDecoder();

/** A text with its length before it. */
export function encode(text: string): Uint8Array<ArrayBuffer> {
  const bytes = encoder.encode(text);
  const header = headerOf(bytes.length);
  const message = new Uint8Array(header.length + bytes.length);
  message.set(header);
  message.set(bytes, header.length);
  return message;
}

/** The two highest bits say whether the number has 1, 2 or 4 bytes; no text needs 8. */
function headerOf(length: number): number[] {
  if (length < 1 << 6) return [length];
  if (length < 1 << 14) return [0x40 | (length >> 8), length & 0xff];
  return [0x80 | (length >> 24), (length >> 16) & 0xff, (length >> 8) & 0xff, length & 0xff];
}

/** Cuts what arrives into texts. */
export class Texts {
  #held = new Uint8Array(0);

  feed(chunk: Uint8Array): string[] {
    const bytes = new Uint8Array(this.#held.length + chunk.length);
    bytes.set(this.#held);
    bytes.set(chunk, this.#held.length);
    const texts: string[] = [];
    let at = 0;
    for (let end = endOf(bytes, at); end; end = endOf(bytes, at)) {
      texts.push(decoder.decode(bytes.subarray(end.start, end.stop)));
      at = end.stop;
    }
    this.#held = bytes.slice(at);
    return texts;
  }
}

/** Where the text that begins at `at` starts and stops; null where it is not complete. */
function endOf(bytes: Uint8Array, at: number): { start: number; stop: number } | null {
  const first = bytes[at];
  if (first === undefined) return null;
  const start = at + (1 << (first >> 6));
  if (start > bytes.length) return null;
  const length = bytes
    .subarray(at + 1, start)
    .reduce((sum, byte) => sum * 256 + byte, first & 0x3f);
  return start + length > bytes.length ? null : { start, stop: start + length };
}
