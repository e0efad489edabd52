import { expect, it } from "vitest";
import type { Upgrade } from "../control";
import { fill } from "../i18n";
import { type LaneSeen, sayMs, sentences } from "./seen";
import type { Part } from "./waterfall";
import { type Key, words } from "./words";

const t = (key: Key, values = {}) => fill(words.en[key], values);
const part = (roundTrips: number, ms: number, up: number): Part => ({
  rows: [],
  ms,
  end: ms,
  roundTrips,
  up,
  down: 10,
});
const lane = (
  title: string,
  handshake: Part | null,
  message: Part | null = null,
  upgrade: Upgrade | null = null,
): LaneSeen => ({ title, handshake, message, upgrade });

it("says who waited for more round trips, on whichever side", () => {
  const [fast, slow] = [lane("WebSocket", part(3, 306, 1)), lane("Socket.IO", part(6, 612, 1))];
  const said =
    "Socket.IO waited for 3 more round trips than WebSocket before it could join: 612 ms against 306.";
  expect(sentences(t, [fast, slow])).toEqual([said]);
  expect(sentences(t, [slow, fast])).toEqual([said]);
});

it("says one in words, and that both waited alike", () => {
  const [three, four] = [lane("A", part(3, 3, 1)), lane("B", part(4, 4, 1))];
  expect(sentences(t, [three, four])[0]).toContain("one more round trip than A");
  expect(sentences(t, [three, three])[0]).toContain("Both waited for 3 round trips");
});

it("says what a message cost, the cheaper one first", () => {
  const lanes = [lane("A", null, part(1, 5, 1_000)), lane("B", null, part(1, 4.25, 20))] satisfies [
    LaneSeen,
    LaneSeen,
  ];
  expect(sentences(t, lanes)).toEqual([
    "One message with its answer cost B 30 B and A 1\u202f010 B; they took 4.3 and 5.0 ms.",
  ]);
});

it.each<[Upgrade, string]>([
  [{ namespace: "websocket", joined: "websocket", polls: 0 }, "the answer came after the upgrade"],
  [{ namespace: "polling", joined: "websocket", polls: 0 }, "which saves a round trip"],
  [{ namespace: "polling", joined: "polling", polls: 0 }, "polls brought B all it needs"],
])("says in which order a transport upgraded: %o", (upgrade, said) => {
  const lanes = [lane("A", part(3, 3, 1)), lane("B", part(7, 7, 1), null, upgrade)] as const;
  const [, order, ...more] = sentences(t, lanes);
  expect(order).toContain(said);
  expect(more).toEqual([]);
});

it.each([
  [1, "One of its round trips waited for a poll to end."],
  [2, "2 of its round trips waited for polls to end."],
])("says that round trips waited for polls: %d", (polls, said) => {
  const upgrade = { namespace: "polling", joined: "websocket", polls } as const;
  const lanes = [lane("A", part(7, 7, 1), null, upgrade), lane("B", part(3, 3, 1))] as const;
  expect(sentences(t, lanes).at(-1)).toBe(said);
});

it("says nothing before both are known", () => {
  expect(sentences(t, [lane("A", part(3, 3, 1)), lane("B", null)])).toEqual([]);
});

it("says times short", () => {
  expect([0.04, 9.94, 9.96, 1_460.4].map(sayMs)).toEqual(["0.0", "9.9", "10", "1\u202f460"]);
});
