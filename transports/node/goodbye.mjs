/**
 * How an Engine.IO connection ended: with a goodbye, or because its peer is gone.
 *
 * The library calls both "transport close". On polling it means a close packet: a line that breaks
 * is a "transport error" there. On WebSocket it is what the close code tells.
 */

const NO_CLOSE_FRAME = 1006; // RFC 6455 section 7.4.1

const IN_ORDER = new Set([
  "client namespace disconnect",
  "server namespace disconnect",
  "server shutting down",
]);

/**
 * Watch a connection from its beginning.
 *
 * @param {import("engine.io").Socket} connection
 * @returns {(reason: string) => boolean} whether a disconnect for this reason was a goodbye
 */
export function watchGoodbye(connection) {
  let closeCode = null;
  const watch = (transport) => {
    // Before the library's own listener, which is where the disconnect is announced from.
    transport.socket?.prependOnceListener("close", (code) => {
      closeCode = code;
    });
  };
  watch(connection.transport);
  connection.on("upgrade", watch);
  return (reason) =>
    IN_ORDER.has(reason) || (reason === "transport close" && closeCode !== NO_CLOSE_FRAME);
}
