import { describe, expect, it } from "vitest";
import { barsOf, differenceOf } from "./bars";
import { EXAMPLE_PASSES, EXAMPLE_RUN, example } from "./example";
import { planned } from "./options";
import { advanced, type Happening, lined } from "./ranking";

const PLAN = planned({ transports: ["a", "b", "c"], rounds: 3, messages: 1 }, 1);
const rtts = (transport: string, ...values: number[]): Happening[] =>
  values.map((ms) => ({ type: "rtt", transport, ms }));
const ranked = (...happenings: Happening[]) => happenings.reduce(advanced, lined(PLAN));

describe("the bars of a race", () => {
  it("go from the quickest to the slowest, and keep their look", () => {
    const bars = barsOf(ranked(...rtts("a", 9, 8, 10), ...rtts("b", 1, 3, 2)), "rtt_ms");
    expect(bars.map(({ transport, look, median }) => [transport, look, median])).toEqual([
      ["b", 1, 2],
      ["a", 0, 9],
      ["c", 2, null],
    ]);
    expect(bars[0]).toMatchObject({ low: 1, high: 3, void: false });
  });

  it("have no length where the values do not count", () => {
    const lost: Happening = { type: "lost", transport: "a", messages: 1 };
    const [first, ...others] = barsOf(ranked(...rtts("a", 1), ...rtts("b", 2), lost), "rtt_ms");
    expect(first?.transport).toBe("b");
    expect(others.find(({ transport }) => transport === "a")).toMatchObject({
      median: null,
      void: true,
    });
  });
});

describe("the difference between the quickest and the slowest", () => {
  it("is clear where their middle halves are apart", () => {
    const apart = ranked(...rtts("a", 1, 1, 2), ...rtts("b", 4, 5, 6));
    const found = differenceOf(barsOf(apart, "rtt_ms"));
    expect(found).toMatchObject({ ratio: 5, clear: true });
    expect(found?.slowest.transport).toBe("b");
  });

  it("is not clear where they overlap, and none of one alone", () => {
    const mixed = ranked(...rtts("a", 1, 2, 9), ...rtts("b", 2, 3, 4));
    expect(differenceOf(barsOf(mixed, "rtt_ms"))?.clear).toBe(false);
    expect(differenceOf(barsOf(ranked(...rtts("a", 1)), "rtt_ms"))).toBeNull();
  });
});

it("opens with a committed run that has a value for every pass of every transport", () => {
  const ranking = example();
  expect(EXAMPLE_RUN).toMatch(/^\d{8}T\d{6}Z-/);
  expect(ranking.done).toBe(ranking.total);
  for (const lane of Object.values(ranking.lanes)) {
    expect(lane.handshake_ms).toHaveLength(EXAMPLE_PASSES);
    expect(lane.rtt_ms).toHaveLength(EXAMPLE_PASSES);
  }
});
