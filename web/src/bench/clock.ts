// The one clock of what is measured in a browser: `performance.now()`, in whole nanoseconds.
// Chromium cuts it to 5 µs where the page is isolated from others, and to 100 µs where it is not.

const MS_NS = 1_000_000;

/** Nanoseconds since an arbitrary origin; only differences mean something. */
export function nowNs(): number {
  return Math.round(performance.now() * MS_NS);
}
