/**
 * Split a replay into payloads that python-engineio's client accepts.
 *
 * That client ends a connection whose payload has more packets. Without the split it would get the
 * same replay each time it reconnects, and never come past it.
 */

/** How many packets python-engineio accepts in one payload by default. */
const MOST_PACKETS = 16;

/**
 * Split the replays of a connection. Call this as soon as the connection is open.
 *
 * @param {import("engine.io").Socket} connection
 * @returns {(send: () => void) => void} calls `send`, and takes all that it sends for a replay
 */
export function pageReplays(connection) {
  const replayed = new WeakSet();
  let replaying = false;
  let rest = [];
  connection.on("packetCreate", (packet) => {
    if (replaying) replayed.add(packet);
  });
  // The library sends this array after its listeners, so what a listener removes is not sent.
  connection.on("flush", (batch) => {
    if (batch.some((packet) => replayed.has(packet))) rest = batch.splice(MOST_PACKETS);
  });
  connection.on("drain", () => connection.writeBuffer.unshift(...rest.splice(0)));
  return (send) => {
    replaying = true;
    send();
    replaying = false;
  };
}
