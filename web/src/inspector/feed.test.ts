import { describe, expect, it } from "vitest";
import { type Ask, ControlError, type Push, type TransportRecord } from "../control";
import { Feed } from "./feed";
import { STILL } from "./network";

const record: TransportRecord = {
  n: 1,
  at_ms: 1,
  connection: 1,
  direction: "up",
  kind: "frame",
  title: "text frame",
  bytes: 55,
  meaning: [],
  exchange: null,
  http: 0,
  framing: 0,
  payload: 0,
  tls: 0,
  says: [],
};

/** A control channel whose answers wait until they are given. */
function channel() {
  const asked: Ask[] = [];
  const answers: { done: (value?: unknown) => void; failed: (error: Error) => void }[] = [];
  let take: (push: Push) => void = () => undefined;
  let frame: () => void = () => undefined;
  const feed = new Feed(
    {
      ask: (ask) => {
        asked.push(ask as Ask);
        return new Promise((resolve, reject) => {
          answers.push({ done: (value = {}) => resolve(value as never), failed: reject });
        }) as never;
      },
      onPush: (fn) => {
        take = fn;
        return () => true;
      },
    },
    (run) => {
      frame = run;
    },
  );
  return { feed, asked, answers, push: (push: Push) => take(push), paint: () => frame() };
}

const settle = () => new Promise((resolve) => setTimeout(resolve));

describe("the feed", () => {
  it("shows the line that it follows, and no other", () => {
    const { feed, push } = channel();
    feed.follow("k1");
    push({ type: "records", line: "k2", records: [record], skipped: 0, passed: [] });
    push({ type: "records", line: "k1", records: [record], skipped: 2, passed: [] });
    expect(feed.snapshot().timeline).toMatchObject({ received: 1, skipped: 2 });
  });

  it("tells of many pushes once a frame", () => {
    const { feed, push, paint } = channel();
    feed.follow("k1");
    paint();
    let notified = 0;
    feed.subscribe(() => {
      notified += 1;
    });
    for (let n = 0; n < 1_000; n++) {
      push({ type: "records", line: "k1", records: [record], skipped: 0, passed: [] });
    }
    expect(notified).toBe(0);
    paint();
    expect(notified).toBe(1);
    expect(feed.snapshot().timeline.received).toBe(1_000);
  });

  it("asks for the newest network only while another is on its way", async () => {
    const { feed, asked, answers } = channel();
    feed.follow("k1");
    for (let delay_ms = 1; delay_ms <= 50; delay_ms++) void feed.emulate({ ...STILL, delay_ms });
    answers[0]?.done();
    await settle();
    answers[1]?.done();
    await settle();
    const delays = asked.flatMap((ask) => (ask.type === "emulate" ? [ask.network.delay_ms] : []));
    expect(delays).toEqual([1, 50]);
  });

  it("watches a line before anything crosses it, and bends it as the last", async () => {
    const { feed, asked, answers } = channel();
    feed.follow("k1");
    void feed.emulate({ ...STILL, delay_ms: 100 });
    answers[0]?.done();
    await settle();
    let ready = false;
    void feed.prepare("k2").then(() => {
      ready = true;
    });
    answers[1]?.done();
    await settle();
    expect(ready).toBe(false);
    answers[2]?.done();
    await settle();
    expect(ready).toBe(true);
    expect(feed.snapshot().line).toBe("k2");
    expect(asked.slice(1)).toEqual([
      { type: "inspect", line: "k2", on: true },
      { type: "emulate", line: "k2", network: { ...STILL, delay_ms: 100 } },
    ]);
  });

  it("cuts the link, and says what was refused", async () => {
    const { feed, answers, asked } = channel();
    feed.follow("k1");
    void feed.cut("rst");
    expect(asked).toEqual([{ type: "cut", line: "k1", how: "rst" }]);
    answers[0]?.done({ cut: 2 });
    await settle();
    void feed.stall(true);
    answers[1]?.failed(new ControlError("no_line", "there is no line k1"));
    await settle();
    expect(feed.snapshot()).toMatchObject({ stalled: false, problem: "there is no line k1" });
    void feed.stall(true);
    answers[2]?.done();
    await settle();
    expect(feed.snapshot()).toMatchObject({ stalled: true, problem: null });
  });

  it("leaves it to the page to say that the server is gone", async () => {
    const { feed, answers } = channel();
    feed.follow("k1");
    void feed.cut("fin");
    answers[0]?.failed(new ControlError("down", "gone"));
    await settle();
    expect(feed.snapshot().problem).toBeNull();
  });

  it("asks nothing without a line", async () => {
    const { feed, asked } = channel();
    await feed.emulate({ ...STILL, delay_ms: 5 });
    await feed.cut("fin");
    await feed.stall(true);
    expect(asked).toEqual([]);
    await expect(feed.detail(1)).rejects.toThrow("gone");
  });
});
