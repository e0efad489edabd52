import { beforeEach, describe, expect, it } from "vitest";
import { tabs } from "../app/storage";
import { keepRace, keepSetup, keptRace, keptSetup, USUAL_SETUP } from "./kept";
import { planned } from "./options";
import { advanced, lined } from "./ranking";

const RANKING = advanced(lined(planned({ transports: ["a", "b"], rounds: 1 }, 4_000_000_001)), {
  type: "rtt",
  transport: "a",
  ms: 1.23456,
});

beforeEach(() => {
  keepRace(null);
  tabs.put("lab.race.setup", null);
});

describe("a race over a reload", () => {
  it("is there again, to a thousandth of a millisecond", () => {
    expect(keptRace()).toBeNull();
    keepRace({ ranking: RANKING, result: null, problem: null, saved: "a-run" });
    const kept = keptRace();
    expect(kept).toMatchObject({ saved: "a-run", result: null, problem: null });
    expect(kept?.ranking?.lanes.a?.rtt_ms).toEqual([1.235]);
    expect(kept?.ranking?.plan).toEqual(RANKING.plan);
  });

  it.each([
    ["nothing", ""],
    ["no JSON", "{"],
    ["another version", '{"version":0,"ranking":{}}'],
    ["a race without lanes", '{"version":1,"ranking":{"plan":{"transports":["a"]},"lanes":{}}}'],
    ["a race of nothing", '{"version":1,"ranking":{}}'],
  ])("is forgotten where there is %s", (_, text) => {
    tabs.put("lab.race", text);
    expect(keptRace()).toBeNull();
  });
});

describe("how a race is set up", () => {
  it("is kept as it was chosen", () => {
    const setup = { ...USUAL_SETUP, picked: ["a"], rounds: 7, together: true };
    keepSetup(setup);
    expect(keptSetup()).toEqual(setup);
  });

  it("is the usual where it is none, or has what can't be", () => {
    expect(keptSetup()).toEqual(USUAL_SETUP);
    keepSetup({ ...USUAL_SETUP, rounds: Number.NaN, messages: 9_999 });
    expect(keptSetup()).toEqual(USUAL_SETUP);
  });
});
