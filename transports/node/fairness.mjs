/**
 * Limit how much of one connection is handled before the other connections have a turn.
 *
 * Otherwise Node handles all bytes of one read at once, and Engine.IO all packets of a POST. Both
 * may be thousands of small packets.
 */

/** Bytes of frames that one turn handles: some hundred of the shortest frames. */
export const SHARE_BYTES = 2048;

/** Packets of a POST that one turn handles. */
export const SHARE_PACKETS = 32;

/**
 * Give the listeners of an upgraded connection at most `SHARE_BYTES` in one turn.
 *
 * The rest goes back to the stream, which keeps the order, and reads no more before that is taken.
 *
 * @param {import("node:net").Socket} socket
 */
export function readLittle(socket) {
  const { emit } = socket;
  socket.emit = (event, ...parts) => {
    const [chunk] = parts;
    if (event !== "data" || chunk.length <= SHARE_BYTES) return emit.call(socket, event, ...parts);
    const handled = emit.call(socket, "data", chunk.subarray(0, SHARE_BYTES));
    // If the listener has paused the stream itself, the listener also resumes it.
    if (!socket.isPaused()) setImmediate(() => socket.resume());
    socket.pause();
    socket.unshift(chunk.subarray(SHARE_BYTES));
    return handled;
  };
}

/** The packets of one polling session, handled in order, some in each turn. */
class PacedPackets {
  /** @type {(() => void)[]} one job for each packet that waits */
  #waiting = [];
  #left = SHARE_PACKETS;
  #resting = false;
  /** @type {(() => void)[]} */
  #whenEmpty = [];

  /** Do the job now, if no other job waits and this turn has not done its share; else later. */
  add(/** @type {() => void} */ job) {
    this.#waiting.push(job);
    this.#work();
  }

  /** Call back when no job waits any more. False, and no call, if none waits now. */
  whenEmpty(/** @type {() => void} */ callback) {
    if (this.#waiting.length > 0) this.#whenEmpty.push(callback);
    return this.#waiting.length > 0;
  }

  #work() {
    while (this.#left > 0 && this.#waiting.length > 0) {
      this.#left -= 1;
      this.#waiting.shift()();
    }
    if (this.#waiting.length === 0) for (const callback of this.#whenEmpty.splice(0)) callback();
    if (this.#resting) return;
    this.#resting = true;
    setImmediate(() => this.#nextTurn());
  }

  #nextTurn() {
    this.#resting = false;
    this.#left = SHARE_PACKETS;
    if (this.#waiting.length > 0) this.#work();
  }
}

/**
 * Pace the packets of each polling session. This wraps the library's `createTransport`.
 *
 * @param {import("engine.io").Server} engine
 * @returns {(request: import("node:http").IncomingMessage, callback: () => void) => boolean} whether
 *   packets of this POST's session still wait; if so, `callback` is called when none do
 */
export function pacePosts(engine) {
  /** @type {WeakMap<object, PacedPackets>} */
  const paces = new WeakMap();
  const create = engine.createTransport;
  engine.createTransport = function (name, request) {
    const transport = create.call(this, name, request);
    if (name === "polling") paces.set(transport, paced(transport));
    return transport;
  };
  return ({ method, _query: { sid } }, callback) => {
    if (method !== "POST" || sid === undefined || !Object.hasOwn(engine.clients, sid)) return false;
    return paces.get(engine.clients[sid].transport)?.whenEmpty(callback) ?? false;
  };
}

/** Make the library's polling transport handle its packets and its end in order, some in a turn. */
function paced(transport) {
  const pace = new PacedPackets();
  for (const method of ["onPacket", "onClose"]) {
    const now = transport[method];
    transport[method] = (...parts) => pace.add(() => now.apply(transport, parts));
  }
  return pace;
}
