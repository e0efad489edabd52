/**
 * Tell how an Engine.IO connection ended: it was closed in order, or it was lost.
 *
 * The library calls both "transport close". On polling that means a close packet; a TCP connection
 * that breaks is a "transport error" there. On WebSocket the close code says which one it was.
 */

const NO_CLOSE_FRAME = 1006; // RFC 6455 section 7.4.1

const IN_ORDER = new Set([
  "client namespace disconnect",
  "server namespace disconnect",
  "server shutting down",
]);

/**
 * Watch how a connection closes. Call it as soon as the connection is open.
 *
 * @param {import("engine.io").Socket} connection
 * @returns {(reason: string) => boolean} whether a disconnect for this reason was in order
 */
export function watchClose(connection) {
  let closeCode = null;
  const watch = (transport) => {
    // Must run before the library's own listener, which announces the disconnect.
    transport.socket?.prependOnceListener("close", (code) => {
      closeCode = code;
    });
  };
  watch(connection.transport);
  connection.on("upgrade", watch);
  return (reason) =>
    IN_ORDER.has(reason) || (reason === "transport close" && closeCode !== NO_CLOSE_FRAME);
}
