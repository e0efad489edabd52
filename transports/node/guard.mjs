/**
 * Apply the rules of RFC 9110 and RFC 9112 that Node leaves to its users.
 *
 * Invalid requests are refused before a library sees them. All others reach it in origin form.
 */

/** Fields that a request may have once (RFC 9112 section 3.2, RFC 6454, RFC 6455 section 4.1). */
const SINGLE = new Set(["host", "origin", "sec-websocket-key", "sec-websocket-version"]);

/** `uri-host [ ":" port ]`, RFC 9110 section 7.2. */
const HOST = /^(?:\[[0-9a-f:.]+\]|[\w.~!$&'()*+,;=%-]*)(?::\d*)?$/i;

/** A target in absolute form: its authority, and its origin form (RFC 9112 section 3.2.2). */
const ABSOLUTE = /^https?:\/\/([^/?#]*)([^#]*)/i;

/** The fields that offer another protocol. `Connection` names them too (RFC 9110 section 7.8). */
const OFFER = new Set(["upgrade", "http2-settings"]);

/**
 * Check each request before it reaches the listeners of `http`.
 *
 * @param {import("node:http").Server} http
 */
export function guard(http) {
  admit(http, "request", (request, response) => {
    const fault = faultOf(request);
    if (fault === null) return inOriginForm(request);
    response.writeHead(400, { Connection: "close", "Content-Type": "text/plain" });
    response.end(`${fault}\n`);
    return false;
  });
  admit(http, "upgrade", (request, socket, head) => {
    const fault = faultOf(request);
    if (fault !== null) return refuse(socket, "400 Bad Request", fault);
    if (!listOf(request.headers.upgrade).includes("websocket")) {
      return withoutOffer(http, request, socket, head);
    }
    request.headers.upgrade = "websocket"; // the library compares the whole field
    return inOriginForm(request);
  });
}

/**
 * Let the listeners of `event` see only the requests that `passes` lets through.
 *
 * If there are no listeners, none is added: without an "upgrade" listener Node ignores the offer of
 * another protocol, as it should.
 *
 * @param {import("node:http").Server} http
 * @param {"request" | "upgrade"} event
 * @param {(...parts: any[]) => boolean} passes returns false if it has answered the request
 */
export function admit(http, event, passes) {
  const listeners = http.listeners(event);
  if (listeners.length === 0) return;
  http.removeAllListeners(event);
  http.on(event, (...parts) => {
    if (!passes(...parts)) return;
    for (const listener of listeners) listener.apply(http, parts);
  });
}

/**
 * Refuse an upgrade. Node has handed over the bare socket, so the response is written by hand.
 *
 * @param {import("node:net").Socket} socket
 * @param {string} status
 * @param {string} reason
 */
export function refuse(socket, status, reason) {
  const body = `${reason}\n`;
  socket.on("error", () => {});
  socket.end(
    `HTTP/1.1 ${status}\r\nConnection: close\r\nContent-Type: text/plain\r\n` +
      `Content-Length: ${Buffer.byteLength(body)}\r\n\r\n${body}`,
  );
  return false;
}

/** Why a request that Node lets through is invalid; null if it is valid. */
function faultOf({ rawHeaders, headers, url, httpVersion }) {
  const seen = new Set();
  for (let at = 0; at < rawHeaders.length; at += 2) {
    const name = rawHeaders[at].toLowerCase();
    if (SINGLE.has(name) && seen.has(name)) return `${name} is given twice`;
    seen.add(name);
  }
  const { host } = headers;
  // RFC 9112 section 3.2: HTTP/1.1 needs a Host, and an empty authority in a target is invalid.
  if (host === undefined && httpVersion !== "1.0") return "there is no host";
  const authority = ABSOLUTE.exec(url)?.[1];
  const hosts = [host ?? "", authority ?? ""];
  return authority === "" || !hosts.every((each) => HOST.test(each)) ? "this is not a host" : null;
}

/** Change an absolute target to origin form. Its host replaces the Host field (RFC 9112, 3.2.2). */
function inOriginForm(request) {
  const [, authority, rest] = ABSOLUTE.exec(request.url) ?? [];
  if (authority === undefined) return true;
  request.headers.host = authority;
  request.url = rest.startsWith("/") ? rest : `/${rest}`;
  return true;
}

/**
 * Serve a request as if it offered no other protocol (RFC 9110 section 7.8).
 *
 * Node has detached its parser from the socket. So the request is put back without the offer, and
 * Node reads it again as a new connection.
 */
function withoutOffer(http, { method, url, httpVersion, rawHeaders }, socket, head) {
  const lines = [`${method} ${url} HTTP/${httpVersion}`];
  for (let at = 0; at < rawHeaders.length; at += 2) {
    const [name, value] = rawHeaders.slice(at, at + 2);
    if (OFFER.has(name.toLowerCase())) continue;
    lines.push(`${name}: ${name.toLowerCase() === "connection" ? withoutTokens(value) : value}`);
  }
  socket.removeAllListeners("timeout"); // Node adds its own listener again
  socket.unshift(Buffer.concat([Buffer.from(`${lines.join("\r\n")}\r\n\r\n`, "latin1"), head]));
  http.emit(socket.encrypted ? "secureConnection" : "connection", socket);
  return false;
}

function withoutTokens(connection) {
  return listOf(connection)
    .filter((token) => !OFFER.has(token))
    .join(", ");
}

/** The members of a field that is a list, in lower case (RFC 9110 section 5.6.1). */
function listOf(field) {
  return field
    .split(",")
    .map((member) => member.trim().toLowerCase())
    .filter(Boolean);
}
