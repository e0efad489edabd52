// One command and its reply, and how long a line may be silent before it is called dead.

import type { Command, Reply } from "../room";
import { type Client, TransportError } from "../transports";

/**
 * Nothing came for so long, in ms, while something was asked: the line is dead, whatever it says of
 * itself. A slow line that brings anything meanwhile is not: the slowest that the page can make has
 * round trips of 10 s.
 */
export const SILENCE_MS = 30_000;

export class Asking {
  #heardAt = 0;

  /** Something came. */
  heard(): void {
    this.#heardAt = performance.now();
  }

  /** The reply; null where the transport ended before, which its `closed` tells of. */
  async ask(client: Client, command: Command): Promise<Reply | null> {
    const askedAt = performance.now();
    let timer: ReturnType<typeof setTimeout>;
    const check = () => {
      const silent = performance.now() - Math.max(askedAt, this.#heardAt);
      if (silent >= SILENCE_MS) client.abandon(`no answer for ${SILENCE_MS / 1000} seconds`);
      else timer = setTimeout(check, SILENCE_MS - silent);
    };
    timer = setTimeout(check, SILENCE_MS);
    try {
      return await client.request(command);
    } catch (error) {
      if (error instanceof TransportError) return null;
      throw error;
    } finally {
      clearTimeout(timer);
      this.heard();
    }
  }
}
