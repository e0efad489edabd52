// How the inspector says times and sizes. Pure.

/** Since the line was opened: "12.345" is seconds, as long as they fit. */
export const sayTime = (at_ms: number): string => (at_ms / 1_000).toFixed(3);

/** Exact, in groups of three by a thin space. */
export const sayBytes = (bytes: number): string =>
  String(Math.round(bytes)).replace(/\B(?=(\d{3})+$)/g, "\u2009");

export const ARROWS = { up: "→", down: "←", none: "·" } as const;
