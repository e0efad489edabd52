import { expect, it } from "vitest";
import { costUrl, FIRST } from "./ask";
import { sayMemory, sayNumber, sayTraffic } from "./format";

it.each([
  [{ median: 10000 }, "10,000"],
  [{ median: 0.05123 }, "0.0512"],
  [{ median: 7.4444, low: 7, high: 8.141 }, "7.44 [7, 8.14]"],
])("says the number %o", (span, said) => {
  expect(sayNumber(span)).toBe(said);
});

it("says bytes in the unit that makes them short", () => {
  expect(sayTraffic({ median: 0 })).toBe("0 B");
  expect(sayTraffic({ median: 19_800_000_000_000 })).toBe("19.8 TB");
  expect(sayTraffic({ median: 2e21 })).toBe("2,000,000 PB");
  expect(sayMemory({ median: 3 * 1024 ** 3, low: 1024 ** 3, high: 4 * 1024 ** 3 })).toBe(
    "3 [1, 4] GiB",
  );
});

it("asks with the page's token, and without its hash", () => {
  const page = new URL("http://127.0.0.1:8000/?token=a%26b#/cost") as unknown as Location;
  const url = new URL(costUrl(page, FIRST));
  expect(url.pathname).toBe("/cost");
  expect(url.hash).toBe("");
  expect(Object.fromEntries(url.searchParams)).toEqual({ ...FIRST, token: "a&b" });
});
