// What the browser keeps for the page. Where it keeps nothing, the page goes on without.

export interface Shelf {
  /** What was put there; null where nothing was, or nothing is kept. */
  read(name: string): string | null;
  /** Put it there, in place of what was. Null takes it away. */
  put(name: string, value: string | null): void;
}

/** For every tab, until somebody clears it. */
export const lasting: Shelf = shelf(() => localStorage);

/** For this tab, until it is closed. */
export const tabs: Shelf = shelf(() => sessionStorage);

function shelf(storage: () => Storage | null): Shelf {
  return {
    read: (name) => allowed(() => storage()?.getItem(name)) ?? null,
    put(name, value) {
      // Before, and apart: where there is no room for the new one, the old one doesn't hold either.
      allowed(() => storage()?.removeItem(name));
      if (value !== null) allowed(() => storage()?.setItem(name, value));
    },
  };
}

/**
 * Undefined where the browser forbids it. One that blocks site data throws as soon as the storage is
 * asked for (HTML, sections 12.2.2 and 12.2.3), another has none at all, and a full one throws when
 * something is put.
 */
function allowed<T>(access: () => T): T | undefined {
  try {
    return access();
  } catch (error) {
    if (error instanceof DOMException) return undefined;
    throw error;
  }
}
