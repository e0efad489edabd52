/**
 * Find a poll that a browser repeats by itself because its connection broke (RFC 9112 section
 * 9.3.1). The packets in the first answer are lost. The rule is that of
 * transports/_shared/repeated_polls.py.
 */

/** The polls of one session, in order. */
export class Polls {
  #stamp = null;
  #socket = null;

  /**
   * Note the next poll. True if it repeats the last one.
   *
   * @param {string | undefined} stamp the `t` of its query; without it no repetition can be found
   * @param {import("node:net").Socket} socket its connection: a client with a coarse clock may give
   *   two polls the same stamp, but it sends both on the same connection
   */
  repeats(stamp, socket) {
    const again = stamp !== undefined && stamp === this.#stamp && socket !== this.#socket;
    this.#stamp = stamp;
    this.#socket = socket;
    return again;
  }
}

/**
 * End the session of a poll that repeats the last one, so that its client reconnects and resumes.
 *
 * @param {import("engine.io").Server} engine
 * @returns {(request: import("node:http").IncomingMessage) => void} call it with each request,
 *   before the library: the library then refuses a request of the ended session
 */
export function endRepeated(engine) {
  /** @type {WeakMap<import("engine.io").Socket, Polls>} */
  const polls = new WeakMap();
  return (request) => {
    const { sid, t: stamp } = request._query;
    if (request.method !== "GET" || sid === undefined || !Object.hasOwn(engine.clients, sid)) return;
    const session = engine.clients[sid];
    if (!polls.has(session)) polls.set(session, new Polls());
    if (polls.get(session).repeats(stamp, request.socket)) session.close(true);
  };
}
