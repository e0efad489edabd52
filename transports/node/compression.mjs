/** The options of `ws` and of `socket.io` for the compression that is chosen. */

const STOCK = { kind: "stock" };
const OFF = { kind: "off" };

/** What is asked for; otherwise, under `equal`, none, and under `stock` what the library does. */
export function chosen({ settings, compression }) {
  return compression ?? (settings === "stock" ? STOCK : OFF);
}

/** permessage-deflate. A `threshold` of 0: every message, however short. */
export function deflated({ kind, window, level, takeover }) {
  if (kind === "stock") return {};
  if (kind === "off") return { perMessageDeflate: false };
  return {
    perMessageDeflate: {
      threshold: 0,
      serverMaxWindowBits: window,
      clientMaxWindowBits: window,
      serverNoContextTakeover: !takeover,
      clientNoContextTakeover: !takeover,
      zlibDeflateOptions: { level },
    },
  };
}

/** HTTP bodies. */
export function gzipped({ kind, window, level }) {
  if (kind === "stock") return {};
  if (kind === "off") return { httpCompression: false };
  return { httpCompression: { threshold: 0, windowBits: window, level } };
}
