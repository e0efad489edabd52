/**
 * Run one transport's server. `lab` starts it by `node main.mjs CONFIG`, where CONFIG is JSON.
 *
 * When the server listens, it prints one line of JSON: `{"port": 8000}`. If it can't listen, it
 * prints `{"code": "EADDRINUSE", "message": "..."}`. It answers each line on its standard input
 * with `{"sessions": 2}`, and with what else the server counts. On SIGTERM it closes all
 * connections and ends. It does the same when its standard input ends: then the process that
 * started it is gone.
 *
 * If `LAB_JOINED` is in its environment, it is one node of several: `Joining` in JSON. Once it can't
 * be one any more it prints `{"failed": "..."}`, closes all connections, and ends with exit code 1.
 *
 * If `LAB_CLOCK` is in its environment, its wall clock is wrong by what is in this file.
 */

import { appendFileSync, readFileSync } from "node:fs";
import { createServer as createHttpServer } from "node:http";
import { createServer as createHttpsServer } from "node:https";
import { setTimeout as sleep } from "node:timers/promises";

import { follow } from "./clock.mjs";
import { guard } from "./guard.mjs";
import { admitOnly } from "./origin.mjs";

/**
 * @typedef {object} Config
 * @property {"native" | "socketio" | "cluster"} kind
 * @property {string[]} transports the transports that Socket.IO may use
 * @property {"parser" | "msgpack"} [parser] the module that reads and writes Socket.IO's packets
 * @property {{host: string, port: number, settings: "equal" | "stock", origins: string[] | null,
 *   trust_proxy: boolean, request_timeout_s: number,
 *   tls: {certificate: string, key: string, keys: string | null} | null,
 *   compression: {kind: "off" | "stock" | "set", window: number, level: number, takeover: boolean}
 *     | null,
 *   heartbeat: {interval_s: number, timeout_s: number}}} options `ServeOptions` of lab.contract
 * @property {string[]} names by which a `Host` may call the server
 * @property {Record<string, number | null>} limits `Limits` of lab.chat
 * @property {number} backlog connections that the kernel may hold until they are accepted
 * @property {{adapter: "pubsub" | "streams", url: string}} [backplane] what joins it to other nodes
 * @property {number} close_timeout_s how long the other side has to answer a close
 * @property {import("./journal/joined.mjs").JoinedChat} [joined] the rooms of all nodes
 */

/**
 * @typedef {import("./journal/backplane.mjs").Claim & {leave_s: number}} Joining
 *   `leave_s`: how long it may take to leave the nodes
 */

/** How long an idle HTTP connection is kept under `equal`: as long as aiohttp's. Node has 5 s. */
const KEEP_ALIVE_MS = 3_630_000;

/** How often Node looks for requests that take too long. */
const CHECKING_MS = 1000;

followClock(); // before anything reads it

/** @type {Config} */
const config = JSON.parse(process.argv[2]);
const { host, port, settings, request_timeout_s: requestTimeoutS } = config.options;

const { tls } = config.options;
const createServer = tls === null ? createHttpServer : createHttpsServer;
const http = createServer({
  ...(tls !== null && {
    cert: readFileSync(tls.certificate),
    key: readFileSync(tls.key),
    minVersion: "TLSv1.3",
  }),
  headersTimeout: requestTimeoutS * 1000,
  requestTimeout: requestTimeoutS * 1000,
  connectionsCheckingInterval: CHECKING_MS,
});
if (tls?.keys) http.on("keylog", (line) => appendFileSync(tls.keys, line));
if (settings === "equal") http.keepAliveTimeout = KEEP_ALIVE_MS;
// Load only what this transport needs, so that its memory figure is its own.
const { serve } = await import(`./${config.kind}.mjs`);
const joining = handedOver();
const joined = joining && (await join(joining));
const server = await serve(http, { ...config, joined });
admitOnly(http, config);
guard(http);

http.on("error", async ({ code, message }) => {
  report({ code, message });
  process.exitCode = 1;
  await leave();
});
http.on("listening", () => report({ port: http.address().port }));

process.on("SIGTERM", end);
process.stdin.on("end", end);
process.stdin.on("data", (data) => {
  for (const byte of data) {
    if (byte === 0x0a) report({ sessions: server.sessions, ...server.counts, ...joined?.counts });
  }
});

await joined?.begin().catch(fail);
if (process.exitCode === undefined) http.listen({ host, port, backlog: config.backlog });

/** Let the wall clock of this process be wrong, for `lab faults`. */
function followClock() {
  const { LAB_CLOCK: path } = process.env;
  if (path !== undefined) follow(path);
}

/** What joins this node to others. Other programs can read arguments, but not an environment. */
function handedOver() {
  const { LAB_JOINED: text } = process.env;
  delete process.env.LAB_JOINED;
  return text === undefined ? undefined : JSON.parse(text);
}

async function join(/** @type {Joining} */ claim) {
  const { JoinedChat } = await import("./journal/joined.mjs");
  return new JoinedChat(claim, config.limits, fail);
}

function fail({ message }) {
  report({ failed: message });
  process.exitCode = 1;
  end();
}

function report(answer) {
  process.stdout.write(`${JSON.stringify(answer)}\n`);
}

let ending = false;

function end() {
  if (ending) return;
  ending = true;
  setTimeout(leave, config.close_timeout_s * 1000);
  if (!http.listening) return void leave();
  http.once("close", leave);
  server.close();
  http.close();
  // A connection becomes idle after its last response, so look again until all are closed.
  setInterval(() => http.closeIdleConnections(), 20);
}

/** End the process; a node first lets its members depart. */
async function leave() {
  if (joined !== undefined) {
    await sleep(0); // the last connections say that they have closed
    await Promise.race([joined.close(), sleep(joining.leave_s * 1000)]);
  }
  process.exit();
}
