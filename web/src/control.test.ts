import { afterEach, beforeEach, expect, it, vi } from "vitest";
import { Control, controlUrl } from "./control";

class Socket {
  static latest: Socket;
  sent: { type: string; id: number }[] = [];
  onmessage: ((event: { data: string }) => void) | null = null;
  onclose: ((event: { code: number; reason: string }) => void) | null = null;
  constructor(readonly url: string) {
    Socket.latest = this;
  }
  send(text: string): void {
    this.sent.push(JSON.parse(text));
  }
  close(): void {}
  come(message: object): void {
    this.onmessage?.({ data: JSON.stringify(message) });
  }
}

const hello = { type: "hello", version: 1, transports: [], limits: {}, share: false };

beforeEach(() => {
  vi.useFakeTimers();
  vi.stubGlobal("WebSocket", Socket);
});
afterEach(() => {
  vi.useRealTimers();
  vi.unstubAllGlobals();
});

const open = () => {
  const control = new Control("ws://x/control");
  control.start();
  Socket.latest.come(hello);
  return control;
};

it("goes to the page's own server, with its token", () => {
  const page = new URL("http://127.0.0.1:8000/?token=a%26b#/chat") as unknown as Location;
  expect(controlUrl(page)).toBe("ws://127.0.0.1:8000/control?token=a%26b");
});

it("pairs answers with questions", async () => {
  const control = open();
  const first = control.ask({ type: "cut", line: "k1", how: "rst" });
  const second = control.ask({ type: "close", line: "k2" });
  const [one, two] = Socket.latest.sent;
  Socket.latest.come({ type: "failed", id: two!.id, code: "unknown_line", reason: "no line k2" });
  Socket.latest.come({ type: "done", id: one!.id, cut: 3 });
  expect(await first).toMatchObject({ cut: 3 });
  await expect(second).rejects.toMatchObject({ code: "unknown_line", message: "no line k2" });
});

it("hands on what is pushed", () => {
  const control = open();
  const pushes: unknown[] = [];
  const stop = control.onPush((push) => pushes.push(push));
  Socket.latest.come({ type: "closed", line: "k1", reason: "gone" });
  stop();
  Socket.latest.come({ type: "closed", line: "k2", reason: "gone" });
  expect(pushes).toEqual([{ type: "closed", line: "k1", reason: "gone" }]);
});

it("says that the server is gone, rejects what waits, and comes back", async () => {
  const control = open();
  const former = Socket.latest;
  const asked = control.ask({ type: "close", line: "k1" });
  former.onclose?.({ code: 1006, reason: "" });
  await expect(asked).rejects.toMatchObject({ code: "down" });
  expect(control.snapshot()).toMatchObject({ up: false });
  await expect(control.ask({ type: "close", line: "k1" })).rejects.toMatchObject({ code: "down" });
  await vi.advanceTimersByTimeAsync(1_000);
  expect(Socket.latest).not.toBe(former);
  Socket.latest.come(hello);
  expect(control.snapshot()).toMatchObject({ up: true, reason: null });
});

it("stops for good", async () => {
  const control = open();
  const former = Socket.latest;
  control.stop();
  await vi.advanceTimersByTimeAsync(60_000);
  expect(Socket.latest).toBe(former);
});
