/**
 * Decide which requests the server answers, by their Host and Origin. docs/room.md has the rule;
 * `_shared/origin.py` is the same in Python.
 */

import { STATUS_CODES } from "node:http";

import { admit, refuse } from "./guard.mjs";

/** Host and port (RFC 3986 section 3.2.2), without a comma: Node joins two Host fields by one. */
const AUTHORITY =
  /^(?:(?<name>(?:[\w\-.~!$&'()*+;=]|%[0-9a-f]{2})+)|\[(?<ip>[0-9a-f:.]+)\])(?::(?<port>\d{0,5}))?$/i;
const ORIGIN = /^(?<scheme>https?):\/\/(?<authority>[^/?#]+)$/i;
const FORWARDED_HOST = /(?:^|;)\s*host=("?)([^";]*)\1\s*(?:;|$)/i;
const PORTS = { http: 80, https: 443 };
const MOST_PORT = 0xffff;

const BAD_HOST = { status: 400, reason: "Host must be a host and a port (RFC 9112 section 3.2)" };
const MISDIRECTED = {
  status: 421,
  reason: "this server does not go by that name; `lab serve --allow-host NAME` adds one",
};
const CODED = { status: 415, reason: "a body must have no content coding" };
const FOREIGN = { status: 403, reason: "this Origin is not allowed" };

/**
 * Let only the requests that the rule admits reach the listeners of `http`.
 *
 * @param {import("node:http").Server} http
 * @param {import("./main.mjs").Config} config
 */
export function admitOnly(http, { options: { origins, trust_proxy: trustProxy }, names }) {
  const rule = { origins, trustProxy, names: new Set(names) };
  admit(http, "request", ({ headers }, response) => {
    const refusal = refusalOf(headers, rule);
    if (refusal === null) return true;
    response.writeHead(refusal.status, { Connection: "close", "Content-Type": "text/plain" });
    response.end(`${refusal.reason}\n`);
    return false;
  });
  admit(http, "upgrade", ({ headers }, socket) => {
    const refusal = refusalOf(headers, rule);
    if (refusal === null) return true;
    return refuse(socket, `${refusal.status} ${STATUS_CODES[refusal.status]}`, refusal.reason);
  });
}

/**
 * Why a request with these headers is refused; null if it is admitted.
 *
 * @param {Record<string, string | undefined>} headers
 * @param {{origins: string[] | null, trustProxy: boolean, names: Set<string>}} rule
 */
export function refusalOf(headers, { origins, trustProxy, names }) {
  const { host, origin, "content-encoding": coding = "identity" } = headers;
  if (coding.toLowerCase() !== "identity") return CODED; // RFC 9110 section 15.5.16
  const listed = origins !== null && origins.includes(origin);
  if (host === undefined) return origin === undefined || listed ? null : FOREIGN; // HTTP/1.0
  const found = authorityOf(host);
  if (found === null) return BAD_HOST;
  if (listed) return null;
  // No DNS answers for names below `localhost` (RFC 6761 section 6.3): nobody can rebind them.
  if (!names.has(found.name) && !found.name.endsWith(".localhost")) return MISDIRECTED;
  if (origin === undefined) return null;
  const requested = (trustProxy ? forwardedHost(headers) : undefined) ?? host;
  return origins === null && isSameHost(origin, requested) ? null : FOREIGN;
}

/** Whether a page of `origin` was served by `host`, or by a proxy that ends TLS for it. */
function isSameHost(origin, host) {
  const { scheme, authority } = ORIGIN.exec(origin)?.groups ?? {};
  const page = authorityOf(authority ?? "");
  const served = authorityOf(host);
  if (page === null || served === null) return false;
  const ownPort = PORTS[scheme.toLowerCase()];
  // Without a port, the port is the one of the page's scheme, with and without a proxy.
  return page.name === served.name && (page.port || ownPort) === (served.port || ownPort);
}

/** Host and port, the host in normal form (RFC 9110 section 4.2.3); null if the text is invalid. */
function authorityOf(text) {
  const { name, ip, port } = AUTHORITY.exec(text)?.groups ?? {};
  if ((name ?? ip) === undefined || Number(port) > MOST_PORT) return null;
  const whole = ip === undefined ? name.toLowerCase() : ipv6(ip);
  return whole === null ? null : { name: whole.replace(/\.$/, ""), port: Number(port ?? 0) };
}

function ipv6(text) {
  return URL.canParse(`http://[${text}]`) ? new URL(`http://[${text}]`).hostname.slice(1, -1) : null;
}

/** The host that the nearest proxy got: RFC 7239 or the older field. Its value is the last one. */
function forwardedHost({ forwarded, "x-forwarded-host": value }) {
  if (forwarded !== undefined) return FORWARDED_HOST.exec(forwarded.split(",").at(-1))?.[2];
  return value?.split(",").at(-1).trim();
}
