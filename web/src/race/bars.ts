// After a race: its transports from the quickest to the slowest, and what may be said of that. Pure.

import { median, quantile } from "./quantile";
import { type Ranking, voidOf } from "./ranking";

export type Measure = "handshake_ms" | "rtt_ms";

/** One transport's bar; all in ms. */
export interface Bar {
  transport: string;
  /** Its place in the race's plan: its colour and mark. */
  look: number;
  /** Null: nothing was measured, or what was does not count. */
  median: number | null;
  /** The middle half of the values lies between these. */
  low: number;
  high: number;
  void: boolean;
}

/** From the quickest; those without a value are last. */
export function barsOf({ plan, lanes }: Ranking, measure: Measure): Bar[] {
  return plan.transports
    .map((transport, look): Bar => {
      const lane = lanes[transport]!;
      const values = lane[measure];
      const out = voidOf(lane) !== null;
      return {
        transport,
        look,
        median: out ? null : median(values),
        low: quantile(values, 0.25) ?? 0,
        high: quantile(values, 0.75) ?? 0,
        void: out,
      };
    })
    .sort(
      (a, b) => (a.median ?? Number.POSITIVE_INFINITY) - (b.median ?? Number.POSITIVE_INFINITY),
    );
}

/** The quickest and the slowest; null of fewer than two. */
export interface Difference {
  quickest: Bar & { median: number };
  slowest: Bar & { median: number };
  /** How many times as long the slowest takes. */
  ratio: number;
  /** The middle halves of the two have nothing in common. */
  clear: boolean;
}

export function differenceOf(bars: readonly Bar[]): Difference | null {
  const measured = bars.filter((bar): bar is Bar & { median: number } => bar.median !== null);
  const [quickest, slowest] = [measured[0], measured.at(-1)];
  if (!quickest || !slowest || measured.length < 2) return null;
  const ratio = slowest.median / quickest.median;
  return { quickest, slowest, ratio, clear: quickest.high < slowest.low };
}
