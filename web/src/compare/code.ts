// The lines that did it, out of the sources that run: this page's client, and the transport's server.
//
// A line is found by how it begins, so that it is always the source's own; a test fails where one is gone.

import fallbackServer from "../../../transports/_fallback/server.py?raw";
import nativeServer from "../../../transports/_native/server.py?raw";
import onWebsockets from "../../../transports/_native/websockets.py?raw";
import socketioServer from "../../../transports/_socketio/server.py?raw";
import nodeNative from "../../../transports/node/native.mjs?raw";
import nodeSocketio from "../../../transports/node/socketio.mjs?raw";
import type { TransportInfo } from "../control";
import conversation from "../transports/conversation.ts?raw";
import fallback from "../transports/fallback.ts?raw";
import htmlfile from "../transports/htmlfile.ts?raw";
import httpStream from "../transports/http-stream.ts?raw";
import jsonpPolling from "../transports/jsonp-polling.ts?raw";
import native from "../transports/native.ts?raw";
import socketio from "../transports/socketio.ts?raw";
import sse from "../transports/sse.ts?raw";
import xhrMultipart from "../transports/xhr-multipart.ts?raw";
import xhrPolling from "../transports/xhr-polling.ts?raw";
import type { Step } from "./waterfall";

export interface CodeLine {
  step: Step;
  text: string;
}

export interface Code {
  /** Below the repository's root, the first file that lines are of. */
  file: string;
  lines: readonly CodeLine[];
}

interface Source {
  file: string;
  text: string;
}
/** How the lines begin, in a source, that a step needs. */
type Excerpt = readonly (readonly [Step, Source, ...string[]])[];

const inWeb = (name: string, text: string): Source => ({
  file: `web/src/transports/${name}`,
  text,
});
const inTransports = (name: string, text: string): Source => ({ file: `transports/${name}`, text });

const CONVERSATION = inWeb("conversation.ts", conversation);
const NATIVE = inWeb("native.ts", native);
const SOCKETIO = inWeb("socketio.ts", socketio);
const FALLBACK = inWeb("fallback.ts", fallback);

const ON_NATIVE: Excerpt = [
  ["connect", NATIVE, "this.#socket = new WebSocket(url);"],
  ["say", CONVERSATION, "return this.expect((id) => this.write("],
  ["say", NATIVE, "this.#socket.send(text);"],
  ["answer", NATIVE, "this.#socket.onmessage ="],
  ["answer", CONVERSATION, "else if (event.id !== null) this.answer("],
  ["delivery", CONVERSATION, "else if (!isReply(event)) this.#onEvent("],
];

const ON_SOCKETIO: Excerpt = [
  ["connect", SOCKETIO, "this.#socket = io(address, {", "transports: [...carriers],"],
  ["connect", SOCKETIO, 'this.#socket.on("connect",'],
  ["say", SOCKETIO, "this.#socket.emit(type, fields, (reply: object)"],
  ["answer", SOCKETIO, "this.answer(id, {"],
  ["delivery", SOCKETIO, "for (const type of EVENTS) {", "this.#socket.on(type, (fields: object)"],
];

/** The fallbacks read each in its own way; all else they have in common. */
const reading = (source: Source, ...lines: string[]): Excerpt => [
  ["connect", FALLBACK, "return get("],
  [
    "say",
    FALLBACK,
    "const answer = await fetch(",
    'method: "POST",',
    "body: this.encodeUp(payload),",
  ],
  ["answer", source, ...lines],
  ["answer", FALLBACK, "for (const packet of decodePayload(payload))"],
  ["delivery", FALLBACK, 'if (kind === "4") this.take(data);'],
];

const JSONP = inWeb("jsonp-polling.ts", jsonpPolling);
const ON_SSE = reading(
  inWeb("sse.ts", sse),
  "const source = new EventSource(",
  "source.onmessage =",
);
const ON_HTTP_STREAM = reading(
  inWeb("http-stream.ts", httpStream),
  "const answer = await fetch(",
  "for (const line of lines) this.receive(",
);
const FALLBACKS: Readonly<Record<string, Excerpt>> = {
  sse: ON_SSE,
  "sse-h2": ON_SSE,
  "http-stream": ON_HTTP_STREAM,
  "http-stream-h2": ON_HTTP_STREAM,
  "xhr-polling": reading(inWeb("xhr-polling.ts", xhrPolling), "while (!this.closeAnnounced"),
  "xhr-multipart": reading(inWeb("xhr-multipart.ts", xhrMultipart), "this.#cut(await get("),
  htmlfile: reading(inWeb("htmlfile.ts", htmlfile), "frame.src =", "this.receive("),
  "jsonp-polling": [
    ["connect", JSONP, "return this.#script("],
    ["say", JSONP, "const form = formOf(", "form.submit();"],
    ["answer", JSONP, "element.src = source;", "this.#callbacks[this.#index] = resolve;"],
    ["answer", JSONP, "this.receive(await this.#script("],
    ["delivery", FALLBACK, 'if (kind === "4") this.take(data);'],
  ],
};

const ON_WEBSOCKETS = inTransports("_native/websockets.py", onWebsockets);
const NATIVE_SERVER = inTransports("_native/server.py", nativeServer);
const SOCKETIO_SERVER = inTransports("_socketio/server.py", socketioServer);
const FALLBACK_SERVER = inTransports("_fallback/server.py", fallbackServer);
const NODE_NATIVE = inTransports("node/native.mjs", nodeNative);
const NODE_SOCKETIO = inTransports("node/socketio.mjs", nodeSocketio);

const WEBSOCKETS: Excerpt = [
  ["connect", ON_WEBSOCKETS, "async def handle(", "member = self.chat.attach(self)"],
  ["say", ON_WEBSOCKETS, "async for text in connection:", "self.receive(member, connection, text)"],
  ["say", NATIVE_SERVER, "command = commands.decode(text)"],
  ["answer", NATIVE_SERVER, "self.chat.receive(member, command, lambda reply:"],
  ["delivery", NATIVE_SERVER, "self.write(self.others(room, skip), events.encode(event))"],
  ["delivery", ON_WEBSOCKETS, "broadcast(connections, text, text=True)"],
];

const PYTHON_SOCKETIO: Excerpt = [
  ["connect", SOCKETIO_SERVER, 'self.sio.on("connect",', "member = self._chat.attach(self)"],
  ["say", SOCKETIO_SERVER, "self.sio.on(name, partial(self._command, name))"],
  [
    "say",
    SOCKETIO_SERVER,
    "command = commands.convert(",
    "self._chat.receive(self._members[sid], command",
  ],
  ["answer", SOCKETIO_SERVER, "return events.reply_to_payload(replies[0])"],
  [
    "delivery",
    SOCKETIO_SERVER,
    "name, payload = events.name_of(event)",
    "self._in_turn(self.sio.emit, name",
  ],
];

const NODE_WS: Excerpt = [
  ["connect", NODE_NATIVE, "wss.handleUpgrade(request,", "const member = this.#chat.attach();"],
  ["say", NODE_NATIVE, 'ws.on("message",', "const { command, refusal } = read("],
  ["answer", NODE_NATIVE, "const answer = (event) =>", "else this.#chat.receive("],
  ["delivery", NODE_NATIVE, "this.#send(this.#membership.in(room)", "ws.send(text, TEXT);"],
];

const NODE_SIO: Excerpt = [
  ["connect", NODE_SOCKETIO, 'io.on("connection",', "const member = this.#chat.attach();"],
  ["say", NODE_SOCKETIO, "socket.on(name, (...parts) =>", "const { command, refusal } = read("],
  ["answer", NODE_SOCKETIO, "const answer = ({ id: _id", "else this.#chat.receive("],
  ["delivery", NODE_SOCKETIO, "let to = this.#io.to(own(room));", "to.emit(type, payload);"],
];

const EARLY: Excerpt = [
  ["connect", FALLBACK_SERVER, "async def _handshake(", 'text = f"{self._open()}:'],
  [
    "say",
    FALLBACK_SERVER,
    "async def _receive_post(",
    "self.receive(member, session, packet.data)",
  ],
  ["answer", FALLBACK_SERVER, "found = await session.take()"],
  ["answer", FALLBACK_SERVER, "while found := await session.take():"],
  ["delivery", FALLBACK_SERVER, "for session in connections:", "session.put(packet)"],
];

/** The servers by the libraries that they are on; a name that is not here has none of these. */
const SERVERS: Readonly<Record<string, Excerpt>> = {
  websocket: WEBSOCKETS,
  socketio: PYTHON_SOCKETIO,
  "socketio-websocket": PYTHON_SOCKETIO,
  "socketio-polling": PYTHON_SOCKETIO,
  "socketio-msgpack": PYTHON_SOCKETIO,
  "node-websocket": NODE_WS,
  "node-socketio": NODE_SIO,
  "node-socketio-websocket": NODE_SIO,
  "node-socketio-polling": NODE_SIO,
  "node-socketio-msgpack": NODE_SIO,
};

/** What this page runs for a transport. */
export function clientOf({ name, family }: Pick<TransportInfo, "name" | "family">): Code | null {
  if (family === "native") return codeOf(ON_NATIVE);
  if (family === "socketio") return codeOf(ON_SOCKETIO);
  return FALLBACKS[name] ? codeOf(FALLBACKS[name]) : null;
}

/** What its server runs; null where that has no few lines that say it. */
export function serverOf({ name, family }: Pick<TransportInfo, "name" | "family">): Code | null {
  if (family === "fallback") return codeOf(EARLY);
  return SERVERS[name] ? codeOf(SERVERS[name]) : null;
}

function codeOf(excerpt: Excerpt): Code {
  const lines = excerpt.flatMap(([step, source, ...begins]) =>
    begins.map((begin) => ({ step, text: lineOf(source, begin) })),
  );
  return { file: excerpt[0]?.[1].file ?? "", lines };
}

/** The one line of a source that begins so, without its indentation. Throws where there is none. */
function lineOf({ file, text }: Source, begin: string): string {
  const found = text.split("\n").find((line) => line.trimStart().startsWith(begin));
  if (found === undefined) throw new Error(`${file} has no line that begins ${begin}`);
  return found.trim();
}
