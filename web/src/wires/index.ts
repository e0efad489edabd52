// The wires by name: which of the page's ways to speak a wire of the server needs.

import type { WireInfo } from "../control";
import { connectHtmlfile } from "./htmlfile";
import { connectJsonpPolling } from "./jsonp-polling";
import { connectNative } from "./native";
import { type Carrier, connectSocketio } from "./socketio";
import { connectSse } from "./sse";
import { type Connect, WireError } from "./wire";
import { connectXhrMultipart } from "./xhr-multipart";
import { connectXhrPolling } from "./xhr-polling";

const FALLBACKS: Readonly<Record<string, Connect>> = {
  "xhr-polling": connectXhrPolling,
  "xhr-multipart": connectXhrMultipart,
  "jsonp-polling": connectJsonpPolling,
  htmlfile: connectHtmlfile,
  sse: connectSse,
};

/** How to connect to a wire; throws a WireError where this page does not speak it. */
export function connectorOf(wire: WireInfo): Connect {
  if (wire.family === "native") return connectNative;
  if (wire.family === "socketio") return connectSocketio(carriersOf(wire));
  const connect = FALLBACKS[wire.name];
  if (!connect) throw new WireError(`this page does not speak ${wire.name}`);
  return connect;
}

function carriersOf(wire: WireInfo): Carrier[] {
  const carriers: Carrier[] = [];
  if (wire.polling) carriers.push("polling");
  if (wire.websocket) carriers.push("websocket");
  return carriers;
}

export { type Client, type Connect, WireError } from "./wire";
