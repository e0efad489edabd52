/**
 * One wire's server, as `lab` starts it: `node main.mjs CONFIG`, where CONFIG is JSON.
 *
 * When it listens it says so in one line of JSON, `{"port": 8000}`, and where it can't
 * `{"code": "EADDRINUSE", "message": "..."}`. It answers each line on its standard input with
 * `{"sessions": 2}`. It ends with goodbyes on SIGTERM, and when its standard input ends: whoever
 * started it is gone then, in whatever way.
 */

import { createServer } from "node:http";

/**
 * @typedef {object} Config
 * @property {"native" | "socketio"} kind
 * @property {string[]} transports those that Socket.IO may use
 * @property {{host: string, port: number, settings: "equal" | "stock", origins: string[] | null,
 *   heartbeat: {interval_s: number, timeout_s: number}}} options `ServeOptions` of lab.contract
 * @property {Record<string, number | null>} limits `Limits` of lab.chat
 * @property {number} backlog connections that the kernel may hold until they are accepted
 * @property {number} close_timeout_s how long the other side has to answer a goodbye
 */

/** As long as aiohttp keeps an idle HTTP connection; under `stock` it is Node's 5 s. */
const KEEP_ALIVE_MS = 3_630_000;

/** @type {Config} */
const config = JSON.parse(process.argv[2]);
const { host, port, settings } = config.options;

const http = createServer();
if (settings === "equal") http.keepAliveTimeout = KEEP_ALIVE_MS;
// Only what this wire needs is loaded, so that its memory is its own.
const { serve } = await import(`./${config.kind}.mjs`);
const server = serve(http, config);

http.on("error", ({ code, message }) => {
  tell({ code, message });
  process.exit(1);
});
http.on("listening", () => tell({ port: http.address().port }));
http.listen({ host, port, backlog: config.backlog });

process.on("SIGTERM", end);
process.stdin.on("end", end);
process.stdin.on("data", (asked) => {
  for (const byte of asked) if (byte === 0x0a) tell({ sessions: server.sessions });
});

function tell(said) {
  process.stdout.write(`${JSON.stringify(said)}\n`);
}

let ending = false;

function end() {
  if (ending) return;
  ending = true;
  setTimeout(() => process.exit(), config.close_timeout_s * 1000);
  http.once("close", () => process.exit());
  server.goodbye();
  http.close();
  // A response that was under way then leaves its connection idle when it is done.
  setInterval(() => http.closeIdleConnections(), 20);
}
