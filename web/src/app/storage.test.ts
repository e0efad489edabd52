import { beforeEach, describe, expect, it, vi } from "vitest";
import { lasting, tabs } from "./storage";

const SHELVES = [
  ["lasting", lasting, "localStorage"],
  ["tabs", tabs, "sessionStorage"],
] as const;

beforeEach(() => {
  localStorage.clear();
  sessionStorage.clear();
});

describe.each(SHELVES)("%s", (_, shelf, storage) => {
  it("keeps what is put there, until null is", () => {
    expect(shelf.read("a")).toBe(null);
    shelf.put("a", "1");
    expect(shelf.read("a")).toBe("1");
    expect(globalThis[storage].getItem("a")).toBe("1");
    shelf.put("a", null);
    expect(shelf.read("a")).toBe(null);
  });

  it("keeps nothing where the browser forbids it", () => {
    vi.spyOn(globalThis, storage, "get").mockImplementation(() => {
      throw new DOMException("Access is denied", "SecurityError");
    });
    shelf.put("a", "1");
    expect(shelf.read("a")).toBe(null);
    shelf.put("a", null);
  });

  it("keeps nothing where the browser has no storage", () => {
    vi.spyOn(globalThis, storage, "get").mockReturnValue(null as unknown as Storage);
    shelf.put("a", "1");
    expect(shelf.read("a")).toBe(null);
    shelf.put("a", null);
  });

  it("takes what was there away where there is no room for what is put", () => {
    shelf.put("a", "1");
    const real = globalThis[storage];
    vi.spyOn(globalThis, storage, "get").mockReturnValue({
      getItem: (name: string) => real.getItem(name),
      removeItem: (name: string) => real.removeItem(name),
      setItem: () => {
        throw new DOMException("The quota has been exceeded", "QuotaExceededError");
      },
    } as unknown as Storage);
    shelf.put("a", "2");
    expect(shelf.read("a")).toBe(null);
  });

  it("hides no other error", () => {
    vi.spyOn(globalThis, storage, "get").mockImplementation(() => {
      throw new RangeError("not of the storage");
    });
    expect(() => shelf.read("a")).toThrow(RangeError);
    expect(() => shelf.put("a", "1")).toThrow(RangeError);
  });
});
