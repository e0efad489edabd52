// Idempotency keys: what makes a text that is said twice one message. Pure but for the dice.

/** 24 hex digits. Not randomUUID: a page that is shared over plain HTTP has none. */
export function newKey(): string {
  const bytes = crypto.getRandomValues(new Uint8Array(12));
  return [...bytes].map((byte) => byte.toString(16).padStart(2, "0")).join("");
}
