// Shared by the fallbacks: packets of Socket.IO protocol revision 1, and several in one payload. Pure.
// https://github.com/LearnBoost/socket.io-spec; docs/fallbacks.md says which of it is used.

/** Between two of these stands the length of the packet that follows, in UTF-16 code units. */
const MARK = "\ufffd";

export const CLOSE = "0::";
export const HEARTBEAT = "2::";

export const message = (json: string): string => `4:::${json}`;

export interface Packet {
  kind: string;
  data: string;
}

/** What came breaks the protocol; the message says how. */
export class MalformedError extends Error {
  override name = "MalformedError";
}

export function encodePayload(packets: readonly string[]): string {
  if (packets.length === 1) return packets[0]!;
  return packets.map((packet) => `${MARK}${packet.length}${MARK}${packet}`).join("");
}

/** The packets of a payload; throws a MalformedError. */
export function decodePayload(payload: string): Packet[] {
  return splitPayload(payload).map(parsePacket);
}

function splitPayload(payload: string): string[] {
  if (!payload.startsWith(MARK)) return [payload];
  const packets: string[] = [];
  for (let at = 0; at < payload.length; ) {
    const end = payload.indexOf(MARK, at + 1);
    const digits = payload.slice(at + 1, end);
    const start = end + 1;
    at = start + Number(digits);
    if (!/^\d{1,9}$/.test(digits) || at > payload.length) {
      throw new MalformedError("each packet of several stands behind its length");
    }
    packets.push(payload.slice(start, at));
  }
  return packets;
}

function parsePacket(text: string): Packet {
  const [, kind, data = ""] = /^([0-8]):\d*\+?:[^:]*(?::(.*))?$/s.exec(text) ?? [];
  if (kind === undefined) throw new MalformedError("a packet is type:id:endpoint[:data]");
  return { kind, data };
}
