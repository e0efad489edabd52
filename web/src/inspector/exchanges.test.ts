import { describe, expect, it } from "vitest";
import type { Meaning, TransportRecord } from "../control";
import { directed, has, isLine, type Line, lines, WAYS } from "./exchanges";
import type { Entry } from "./timeline";

let next = 1;
function record(
  kind: TransportRecord["kind"],
  direction: TransportRecord["direction"],
  says: Meaning[],
  exchange: number | null = 0,
): TransportRecord {
  const n = next++;
  const title = `${kind} title`;
  return {
    n,
    at_ms: n,
    connection: 1,
    direction,
    kind,
    title,
    bytes: 1,
    meaning: [],
    exchange,
    http: 0,
    framing: 0,
    payload: 0,
    tls: 0,
    says,
  };
}

const poll = (exchange: number) =>
  record("request", "up", [{ kind: "request", name: "poll" }], exchange);
const answer = (exchange: number, ...says: Meaning[]) => record("response", "down", says, exchange);
const NOOP: Meaning = { kind: "engineio", name: "noop" };
const OK: Meaning = { kind: "response", name: "ok" };
const NEWS: Meaning = { kind: "event", name: "message", values: { text: "hello" } };
const SAY: Meaning = { kind: "command", name: "say", values: { text: "hi" } };

const linesOf = (entries: readonly Entry[]): readonly Line[] => lines(entries).filter(isLine);

describe("the lines of the list", () => {
  it("joins a request with its response, where the response came", () => {
    const waiting = poll(1);
    const post = record("request", "up", [SAY], 2);
    const ok = answer(2, OK);
    const news = answer(1, NEWS);
    const found = linesOf([waiting, post, ok, news]);
    expect(found.map(({ record, response }) => [record.n, response?.n])).toEqual([
      [post.n, ok.n],
      [waiting.n, news.n],
    ]);
  });

  it("keeps a request that is not answered, and a response whose request is not there", () => {
    const early = answer(7, OK);
    const waiting = poll(8);
    expect(linesOf([early, waiting]).map(({ record, response }) => [record.n, response])).toEqual([
      [early.n, null],
      [waiting.n, null],
    ]);
  });

  it("joins by connection and exchange, and each request once", () => {
    const elsewhere = { ...poll(1), connection: 2 };
    const [one, two] = [answer(1, OK), answer(1, OK)];
    const found = linesOf([poll(1), elsewhere, one, two]);
    expect(found.filter(({ response }) => response !== null)).toHaveLength(1);
    expect(found).toHaveLength(3);
  });

  it.each([
    ["an empty poll", [poll(1), answer(1, NOOP)], true],
    ["a poll that waits", [poll(1)], true],
    ["a poll with news", [poll(1), answer(1, NEWS)], false],
    ["what was sent", [record("request", "up", [SAY], 1), answer(1, OK)], false],
    ["a heartbeat", [record("frame", "down", [{ kind: "frame", name: "ping" }])], true],
    ["a heartbeat below Socket.IO", [record("frame", "down", [NOOP])], true],
    ["what is not understood", [record("frame", "up", [{ kind: "undecoded", name: "x" }])], false],
    ["a connection", [record("opened", "none", [{ kind: "tcp", name: "opened" }], null)], false],
  ])("says of %s whether it brings anything", (_, entries, quiet) => {
    expect(linesOf(entries).map((line) => line.quiet)).toEqual([quiet]);
  });

  it("filters by direction before it joins, and leaves connections and gaps", () => {
    const gap = { skipped: 2, after: 3 };
    const entries = [record("opened", "none", [], null), poll(1), answer(1, NEWS), gap];
    const count = WAYS.map((way) => lines(directed(entries, way)).length);
    expect(count).toEqual([3, 3, 3]);
    expect(linesOf(directed(entries, "down"))[1]?.record.direction).toBe("down");
  });

  it("finds what is said, and how the protocol calls it, in both parts of a line", () => {
    const [line] = linesOf([poll(1), answer(1, NEWS)]);
    const say = ({ says }: TransportRecord) => String(says[0]?.values?.text ?? "");
    expect(has(line!, "HELLO", say)).toBe(true);
    expect(has(line!, "request title", say)).toBe(true);
    expect(has(line!, "nowhere", say)).toBe(false);
    expect(has({ skipped: 1, after: 0 }, "nowhere", say)).toBe(true);
  });
});
