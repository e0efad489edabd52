import { beforeEach, expect, it, vi } from "vitest";

beforeEach(() => {
  sessionStorage.clear();
  vi.resetModules();
});

it("keeps what was not sent over a reload, for each room", async () => {
  const before = await import("./drafts");
  before.putDraft("lab", "half a sen");
  before.putDraft("pub", "sent");
  before.putDraft("pub", "");
  vi.resetModules();
  const after = await import("./drafts");
  expect(["lab", "pub", "elsewhere"].map(after.draftOf)).toEqual(["half a sen", "", ""]);
  after.putDraft("lab", "");
  expect(sessionStorage.length).toBe(0);
});
