/**
 * Read Socket.IO packets as the library does, and refuse two more kinds of invalid packet.
 *
 * One is an event without a payload: the library would not answer it. The other is an id that
 * JavaScript can't hold: the library would round it, and the acknowledgement would have another id.
 */

import * as parser from "socket.io-parser";

export const { Encoder } = parser;

/** A type, the number of attachments, a namespace, an id, and the beginning of a payload. */
const HEAD = /^(?<kind>\d)(?:\d+-)?(?:\/[^,]*,)?(?<id>\d*)(?<payload>.?)/s;

/** The types that have a payload: event, acknowledgement, and both with attachments. */
const WITH_PAYLOAD = "2356";

/** Throws for an invalid packet, as the library's own decoder does. The connection then ends. */
export class Decoder extends parser.Decoder {
  add(packet) {
    const head = typeof packet === "string" ? HEAD.exec(packet)?.groups : undefined;
    if (head !== undefined) {
      const { kind, id, payload } = head;
      if (!Number.isSafeInteger(Number(id))) throw new Error("invalid id");
      if (WITH_PAYLOAD.includes(kind) && payload === "") throw new Error("invalid payload");
    }
    super.add(packet);
  }
}
