// Before a race: who runs when. Pure: the same seed gives the same order.

/** A generator of numbers in [0, 1): Mulberry32 (T. Ettinger, 2017), 32 bits of state. */
export function random(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

/** A new list in another order, every order as likely (Fisher and Yates). */
export function shuffled<T>(items: readonly T[], next: () => number): T[] {
  const list = [...items];
  for (let last = list.length - 1; last > 0; last--) {
    const other = Math.floor(next() * (last + 1));
    [list[last], list[other]] = [list[other]!, list[last]!];
  }
  return list;
}

/** For each round all transports once, each round in an order of its own. */
export function schedule(transports: readonly string[], rounds: number, seed: number): string[][] {
  const next = random(seed);
  return Array.from({ length: rounds }, () => shuffled(transports, next));
}
