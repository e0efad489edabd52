// The transports by name: which of the page's ways to speak a transport of the server needs.

import type { TransportInfo } from "../control";
import type { ConnectBy } from "./fallback";
import { connectHtmlfile } from "./htmlfile";
import { connectHttpStream } from "./http-stream";
import { connectJsonpPolling } from "./jsonp-polling";
import { connectNative, connectStream } from "./native";
import { type Carrier, connectSocketio } from "./socketio";
import { connectSse } from "./sse";
import { type Connect, TransportError } from "./transport";
import { connectWebTransport } from "./webtransport";
import { connectXhrMultipart } from "./xhr-multipart";
import { connectXhrPolling } from "./xhr-polling";

const FALLBACKS: Readonly<Record<string, ConnectBy>> = {
  "xhr-polling": connectXhrPolling,
  "xhr-multipart": connectXhrMultipart,
  "jsonp-polling": connectJsonpPolling,
  htmlfile: connectHtmlfile,
  sse: connectSse,
  "sse-h2": connectSse,
  "http-stream": connectHttpStream,
  "http-stream-h2": connectHttpStream,
};

/** How to connect to a transport; throws a TransportError where this page does not speak it. */
export function connectorOf(transport: TransportInfo): Connect {
  if (transport.family === "native") return nativeOf(transport);
  if (transport.family === "socketio") {
    return connectSocketio(carriersOf(transport), transport.msgpack);
  }
  const connectBy = FALLBACKS[transport.name];
  if (!connectBy) throw new TransportError(`this page does not speak ${transport.name}`);
  return connectBy(transport.name);
}

function nativeOf(transport: TransportInfo): Connect {
  if (transport.webtransport) return connectWebTransport;
  return transport.http2 ? connectStream : connectNative;
}

function carriersOf(transport: TransportInfo): Carrier[] {
  const carriers: Carrier[] = [];
  if (transport.polling) carriers.push("polling");
  if (transport.websocket) carriers.push("websocket");
  if (transport.webtransport) carriers.push("webtransport");
  return carriers;
}

export { type Client, type Connect, TransportError } from "./transport";
