/**
 * The bound on the bytes that wait for one Engine.IO connection, which the library does not have.
 *
 * What waits is counted as it is queued, and handed over as one batch when the transport can be
 * written to: that is when the kernel has taken the batch before (WebSocket), or the client has
 * come back for more (polling). Until then the batch is unsent too.
 *
 * @param {import("engine.io").Socket} connection
 * @param {number} boundBytes
 * @param {() => void} onOverflow called once, when a packet is queued past the bound
 */
export function watchBacklog(connection, boundBytes, onOverflow) {
  let waitingBytes = 0;
  let batchBytes = 0;
  const queued = (packet) => {
    waitingBytes += bytesOf(packet);
    const unsent = connection.transport.writable ? waitingBytes : waitingBytes + batchBytes;
    if (unsent <= boundBytes) return;
    connection.off("packetCreate", queued);
    onOverflow();
  };
  connection.on("packetCreate", queued);
  connection.on("flush", () => {
    batchBytes = waitingBytes;
    waitingBytes = 0;
  });
}

function bytesOf({ data, options }) {
  // Of a broadcast socket.io has made the frame already: its length is cheap for every member.
  const frame = options?.wsPreEncodedFrame;
  if (frame) return frame.reduce((sum, part) => sum + part.length, 0);
  return typeof data === "string" ? Buffer.byteLength(data) : 0;
}
