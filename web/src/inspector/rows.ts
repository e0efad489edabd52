// InspectorPane the list of the inspector: which of many rows of one height have to be in the page. Pure.

export const ROW_PX = 26;
/** Rows beyond what is seen, so that a fast scroll meets no emptiness. */
const SPARE = 8;

export interface Slice {
  from: number;
  to: number;
}

/** The rows seen at `top` in a box of `height`, and some beyond; `to` is not in it. */
export function rowsIn(top: number, height: number, count: number): Slice {
  const from = Math.min(Math.max(Math.floor(top / ROW_PX) - SPARE, 0), count);
  return { from, to: Math.min(Math.ceil((top + height) / ROW_PX) + SPARE, count) };
}

/** Whether the box shows the newest row: then it goes on following. */
export const atEnd = (top: number, height: number, count: number): boolean =>
  top + height >= (count - 1) * ROW_PX;

/** Where to scroll so that a row can be seen; the same place where it can be seen already. */
export function reveal(row: number, top: number, height: number): number {
  const begin = row * ROW_PX;
  if (begin < top) return begin;
  return begin + ROW_PX > top + height ? begin + ROW_PX - height : top;
}

/** The row that a key leads to from another; null where the key leads nowhere. */
export function movedBy(key: string, from: number, count: number, height: number): number | null {
  const page = Math.max(1, Math.floor(height / ROW_PX) - 1);
  const steps: Readonly<Record<string, number>> = {
    ArrowUp: -1,
    ArrowDown: 1,
    PageUp: -page,
    PageDown: page,
    Home: -count,
    End: count,
  };
  const step = steps[key];
  return step === undefined ? null : Math.max(0, Math.min(from + step, count - 1));
}
