// A name of its own for each connection: to a browser it is another server, to which it has no
// connection left open, and whose six connections at a time are nobody else's (HTTP/1.1).

let visits = 0;

/** The same address under a name that was never used before; below the name that this page has. */
export function underNewName(
  url: string,
  page: Location | undefined = globalThis.window?.location,
): string {
  if (!page) return url; // Node opens a new connection each time
  const renamed = new URL(url);
  const domain = page.hostname.slice(page.hostname.indexOf(".") + 1);
  renamed.hostname = `c${visits++}.${domain}`;
  return renamed.href.replace(/\/$/, url.endsWith("/") ? "/" : "");
}
