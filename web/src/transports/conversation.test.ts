import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import type { RoomEvent } from "../room";
import { Conversation } from "./conversation";
import { whenOpen } from "./ending";
import { CLOSE_MS, CONNECT_MS, TransportError } from "./transport";

/** What is left of a transport without its bytes. */
class Bare extends Conversation {
  readonly written: string[] = [];
  readonly heard: RoomEvent[];
  farewells = 0;
  released = 0;

  constructor() {
    const heard: RoomEvent[] = [];
    super((event) => heard.push(event));
    this.heard = heard;
  }

  come(...texts: object[]): void {
    for (const text of texts) this.take(JSON.stringify(text));
  }
  open(): void {
    this.opened();
  }
  broken(reason: string): void {
    this.end(reason);
  }
  garble(): void {
    this.take("{");
  }

  protected override write(text: string): void {
    this.written.push(text);
  }
  protected override sendClose(): void {}
  protected override farewell(): void {
    this.farewells++;
  }
  protected override release(): void {
    this.released++;
  }
}

const said = (id: number, seq: number) => ({ type: "said", id, room: "lab", seq, at: 0 });

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
});

describe("a conversation", () => {
  it("gives each reply to its command, in whatever order they come", async () => {
    const client = new Bare();
    const first = client.request({ type: "say", room: "lab", text: "a" });
    const second = client.request({ type: "say", room: "lab", text: "b" });
    const [one, two] = client.written.map((text) => JSON.parse(text).id);
    client.come(said(two, 8), said(one, 7), said(one, 9), said(999, 1));
    expect(await first).toMatchObject({ seq: 7 });
    expect(await second).toMatchObject({ seq: 8 });
  });

  it("hands on events in their order", () => {
    const client = new Bare();
    const events = [1, 2, 3].map((seq) => ({ type: "arrived", room: "lab", name: "a", seq }));
    client.come(...events);
    expect(client.heard).toEqual(events);
  });

  it("rejects what waits when it ends, and what is asked afterwards", async () => {
    const client = new Bare();
    const asked = client.request({ type: "rooms" });
    client.broken("the connection broke");
    await expect(asked).rejects.toThrow("the connection broke");
    await expect(client.request({ type: "rooms" })).rejects.toThrow(TransportError);
    expect(await client.closed).toBe("the connection broke");
    client.broken("again");
    expect(client.released).toBe(1);
  });

  it("ends where the server could not read, or can't be read", async () => {
    const unread = new Bare();
    unread.come({ type: "refused", id: null, code: "bad_command", reason: "not JSON" });
    expect(await unread.closed).toContain("could not read");
    const garbled = new Bare();
    garbled.garble();
    expect(await garbled.closed).toContain("not JSON");
  });

  it("says farewell when the page is left", async () => {
    const client = new Bare();
    window.dispatchEvent(new Event("pagehide"));
    expect(await client.closed).toBe("the page was left");
    expect(client.farewells).toBe(1);
  });

  it("waits for the close no longer than closing may take", async () => {
    const client = new Bare();
    const closing = client.close();
    await vi.advanceTimersByTimeAsync(CLOSE_MS);
    await closing;
    expect(client.released).toBe(1);
  });
});

describe("opening", () => {
  it("resolves as soon as a command can be sent", async () => {
    const client = new Bare();
    const opening = whenOpen(client);
    client.open();
    expect(await opening).toBe(client);
    await vi.advanceTimersByTimeAsync(CONNECT_MS);
    expect(client.over).toBe(false);
  });

  it("says when it took too long", async () => {
    const opening = whenOpen(new Bare());
    const expected = expect(opening).rejects.toThrow("no answer within 40 seconds");
    await vi.advanceTimersByTimeAsync(CONNECT_MS);
    await expected;
  });

  it("is given up when its signal is aborted, before or meanwhile", async () => {
    const client = new Bare();
    const control = new AbortController();
    const opening = whenOpen(client, control.signal);
    control.abort(new TransportError("not wanted"));
    await expect(opening).rejects.toThrow("not wanted");
    expect(client.over).toBe(true);
    await expect(whenOpen(new Bare(), control.signal)).rejects.toThrow("not wanted");
  });
});
