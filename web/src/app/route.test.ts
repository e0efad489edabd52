import { expect, it } from "vitest";
import { hrefOf, parseRoute } from "./route";

it.each([
  ["", { view: "compare", rest: "" }],
  ["#/inspect", { view: "inspect", rest: "" }],
  ["#/tour/cut-the-line", { view: "tour", rest: "cut-the-line" }],
  ["#/nowhere", { view: "compare", rest: "" }],
  ["#/tour/%", { view: "tour", rest: "%" }],
])("reads %s", (hash, route) => {
  expect(parseRoute(hash)).toEqual(route);
});

it("writes what it reads", () => {
  expect(parseRoute(hrefOf("tour", "a/b c"))).toEqual({ view: "tour", rest: "a/b c" });
});
