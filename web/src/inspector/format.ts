// How the inspector says times and sizes. Pure.

/** Since the line was opened: "12.345" is seconds, as long as they fit. */
export const sayTime = (at_ms: number): string => (at_ms / 1_000).toFixed(3);

/** Exact, in groups of three by a thin space. */
export const sayBytes = (bytes: number): string =>
  String(Math.round(bytes)).replace(/\B(?=(\d{3})+$)/g, "\u2009");

export const ARROWS = { up: "→", down: "←", both: "⇄", none: "·" } as const;

/** A request line without its query, but for the transport, and without a session's id in its path. */
export function shortened(requestLine: string): string {
  const [target = requestLine, query = ""] = requestLine.split("?", 2);
  const path = target.replace(/\/[\w-]{16,}/g, "/…");
  const transport = new URLSearchParams(query).get("transport");
  return transport ? `${path} (${transport})` : path;
}

/** What is said inside, without the layer that only carries it. */
export const tersely = (meaning: string): string => meaning.replace(/^Engine\.IO message, /, "");
