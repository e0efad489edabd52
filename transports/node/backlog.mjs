/**
 * Bound the bytes that wait for one Engine.IO connection. The library has no such bound.
 *
 * Packets are counted when they are queued. The library gives all of them to the transport as one
 * batch, as soon as the transport is writable. On WebSocket it is when the kernel has taken the last
 * batch; on polling, when the client has sent its next poll. Until then the last batch counts too.
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
  connection.on("flush", (batch) => {
    batchBytes = batch.reduce((sum, packet) => sum + bytesOf(packet), 0);
    waitingBytes = Math.max(0, waitingBytes - batchBytes); // the first packet came before this
  });
}

function bytesOf({ data, options }) {
  // For a broadcast socket.io has built the frame already. Its length costs nothing to read.
  const frame = options?.wsPreEncodedFrame;
  if (frame) return frame.reduce((sum, part) => sum + part.length, 0);
  return data === undefined ? 0 : Buffer.byteLength(data); // a text, or bytes
}
