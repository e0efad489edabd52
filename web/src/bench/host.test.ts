import { expect, test } from "vitest";
import { underNewName } from "./host";

const PAGE = { hostname: "page.bench.localhost" } as Location;

test("every connection has a name of its own beside the page's", () => {
  const names = ["http://127.0.0.1:8000", "ws://127.0.0.1:8000/"].map((url) =>
    underNewName(url, PAGE),
  );
  expect(names[0]).toMatch(/^http:\/\/c\d+\.bench\.localhost:8000$/);
  expect(names[1]).toMatch(/^ws:\/\/c\d+\.bench\.localhost:8000\/$/);
  expect(new Set(names.map((url) => new URL(url).hostname)).size).toBe(2);
});
