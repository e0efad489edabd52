/**
 * Whether a handshake with this `Origin` and `Host` is to be answered.
 *
 * No Origin: not a browser, nothing to protect (RFC 6455 section 10.2). Without an allowlist the
 * page has to come from the host that it connects to.
 *
 * @param {string | undefined} origin
 * @param {string | undefined} host
 * @param {string[] | null} origins
 */
export function allowed(origin, host, origins) {
  if (origin === undefined) return true;
  if (origins !== null) return origins.includes(origin);
  // Not by URL, which drops what stands before an "@" and a port that is the scheme's own.
  const authority = /^[a-z][a-z0-9+.-]*:\/\/([^/?#]*)/i.exec(origin)?.[1];
  return Boolean(host) && authority === host;
}
