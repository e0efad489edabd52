// During a race: the strip chart of one transport, a mark for each round trip, newest right. Pure.

import { markAt } from "./look";
import { quantile } from "./quantile";

/** No more marks than that, however long the race. */
export const SHOWN = 240;
const RADIUS = 3.5;
const HIGHEST = 0.98;

/** The top of all strips in ms: a round number above all but the slowest 2 %; null of nothing. */
export function topOf(lanes: readonly (readonly number[])[]): number | null {
  const high = quantile(
    lanes.flatMap((samples) => samples.slice(-SHOWN)),
    HIGHEST,
  );
  return high === null ? null : roundUp(high * 1.1);
}

/** 1, 2 or 5 times a power of ten. */
export function roundUp(value: number): number {
  const ten = 10 ** Math.floor(Math.log10(value));
  const step = [1, 2, 5, 10].find((factor) => factor * ten >= value * 0.999_999);
  return (step ?? 10) * ten;
}

export interface Strip {
  /** All marks as one path. */
  marks: string;
  /** Those above the top, drawn at it, as one path. */
  beyond: string;
  /** How many those are, and the longest of them in ms; null where there is none. */
  clipped: { count: number; longest: number } | null;
}

interface Frame {
  width: number;
  height: number;
  /** In ms. */
  top: number;
  /** How many samples there will be. */
  expected: number;
}

export function stripOf(samples: readonly number[], look: number, frame: Frame): Strip {
  const shown = samples.slice(-SHOWN);
  const slots = Math.max(2, Math.min(frame.expected, SHOWN));
  const paths = { marks: "", beyond: "" };
  shown.forEach((ms, n) => {
    const x = RADIUS + (n / (slots - 1)) * (frame.width - 2 * RADIUS);
    const y = heightAt(ms, frame);
    paths[ms > frame.top ? "beyond" : "marks"] += markAt(look, x, y, RADIUS);
  });
  const above = shown.filter((ms) => ms > frame.top);
  const clipped = above.length > 0 ? { count: above.length, longest: Math.max(...above) } : null;
  return { ...paths, clipped };
}

/** Where a time lies in a strip, from its upper edge. */
export function heightAt(ms: number, { height, top }: Pick<Frame, "height" | "top">): number {
  return height - RADIUS - (Math.min(ms, top) / top) * (height - 2 * RADIUS);
}
