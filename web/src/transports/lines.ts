// Packets as lines of JSON, as the transport `http-stream` carries them both ways. Pure.
// An object is a message. Any other packet is an array: its type, and its data if it has some.

import { decodePayload, MalformedError, message } from "./payload";

const ARRAY = /^\[([0-8])(?:,(.*))?\]$/s;

/** The body of a POST with the packets of this payload. */
export function linesOf(payload: string): string {
  return decodePayload(payload)
    .map(({ kind, data }) => `${kind === "4" && data.startsWith("{") ? data : array(kind, data)}\n`)
    .join("");
}

/** The packet of a line without its end; throws a MalformedError. */
export function packetOf(line: string): string {
  if (line.startsWith("{")) return message(line);
  const [, kind, data] = ARRAY.exec(line) ?? [];
  if (kind === undefined) throw new MalformedError("a line is an object, or [type] or [type,data]");
  return data === undefined ? `${kind}::` : `${kind}:::${data}`;
}

function array(kind: string, data: string): string {
  return data === "" ? `[${kind}]` : `[${kind},${data}]`;
}
