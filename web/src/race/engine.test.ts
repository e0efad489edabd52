import { describe, expect, it } from "vitest";
import type { Ask, Counters, Push } from "../control";
import type { Command, Reply } from "../room";
import type { Client, Connect, OnEvent } from "../transports/transport";
import { race } from "./engine";
import type { Ground } from "./lane";
import type { RaceOptions } from "./options";
import type { Ranking } from "./ranking";

/** What becomes of the text that is said for the nth time on a line. */
type Fate = (n: number) => "said" | "unheard" | "twice" | "refused";

/** A lab in memory: lines that count 100 bytes up and 250 down for each message. */
class Lab {
  readonly asked: Ask[] = [];
  readonly open = new Set<string>();
  #pushes = new Set<(push: Push) => void>();
  #lines = 0;

  constructor(private readonly fates: Record<string, Fate> = {}) {}

  readonly ground: Ground = {
    control: {
      ask: (ask) => this.#answer(ask as Ask) as never,
      onPush: (take) => {
        this.#pushes.add(take);
        return () => this.#pushes.delete(take);
      },
    },
    connectorOf: (transport) => {
      if (transport === "unknown") throw new Error("the server has no transport called unknown");
      return this.#connector(transport);
    },
  };

  async #answer(ask: Ask): Promise<object> {
    this.asked.push(ask);
    if (ask.type === "close") this.open.delete(ask.line);
    if (ask.type !== "open") return {};
    const line = `k${++this.#lines}`;
    this.open.add(line);
    return { line, url: line };
  }

  #connector(transport: string): Connect {
    return async (line, onEvent) => {
      if (transport === "broken") throw new Error("connection refused");
      let said = 0;
      const request = async (command: Command): Promise<Reply> => {
        if (command.type === "say") return this.#said(line, transport, ++said, onEvent);
        this.#count(line, 0);
        return { type: "joined", id: 0, room: "", name: "", members: [], seq: 1, truncated: false };
      };
      const client: Client = {
        request,
        send: () => undefined,
        close: async () => undefined,
        abandon: () => undefined,
        closed: new Promise(() => undefined),
      };
      return client;
    };
  }

  #said(line: string, transport: string, n: number, onEvent: OnEvent): Reply {
    const fate = this.fates[transport]?.(n) ?? "said";
    if (fate === "refused") return { type: "refused", id: 0, code: "too_fast", reason: "too fast" };
    this.#count(line, n);
    const room = this.#roomOf();
    const event = { type: "message", room, seq: n, name: "racer", text: "", at: 0 } as const;
    for (let time = 0; time < { said: 1, unheard: 0, twice: 2 }[fate]; time++) onEvent(event);
    return { type: "said", id: 0, room, seq: n, at: 0 };
  }

  room = "";
  #roomOf = () => this.room;

  #count(line: string, n: number): void {
    const counters: Counters = {
      type: "counters",
      line,
      connections: { opened: 1, live: 1 },
      requests: 1,
      up_bytes: 700 + 100 * n,
      down_bytes: 900 + 250 * n,
      commands: n,
      deliveries: n,
      undecoded_bytes: 0,
    };
    for (const push of this.#pushes) push(counters);
  }
}

const OPTIONS: RaceOptions = { transports: ["a", "b"], rounds: 2, messages: 3, seed: 1 };

function run(lab: Lab, options: Partial<RaceOptions> = {}, signal?: AbortSignal) {
  const standings: Ranking[] = [];
  const ground: Ground = {
    ...lab.ground,
    connectorOf: (transport) => {
      const connect = lab.ground.connectorOf(transport);
      return async (url, onEvent, stop) => {
        const client = await connect(url, onEvent, stop);
        const request = (command: Command) => {
          if ("room" in command) lab.room = command.room;
          return client.request(command);
        };
        return { ...client, request };
      };
    },
  };
  const racing = race({ ...OPTIONS, ...options }, ground, {
    browser: "Test/1",
    onStanding: (ranking) => standings.push(ranking),
    ...(signal ? { signal } : {}),
  });
  return { racing, standings };
}

describe("a race", () => {
  it("measures every transport as often, and gives all lines back", async () => {
    const lab = new Lab();
    const { racing, standings } = run(lab, { burst: 5 });
    const result = await racing;
    expect(Object.keys(result.transports)).toEqual(["a", "b"]);
    for (const transport of Object.values(result.transports)) {
      expect(transport.handshake_ms).toHaveLength(2);
      expect(transport.rtt_ms).toHaveLength(6);
      expect(transport).toMatchObject({
        burst: { messages: 5, lost: 0 },
        up_bytes_per_message: 100,
        down_bytes_per_message: 250,
        connections: 1,
        requests: 1,
      });
    }
    expect(result.void).toEqual({});
    expect(standings.at(-1)).toMatchObject({ done: 18, total: 18 });
    expect(lab.open.size).toBe(0);
    expect(lab.asked.filter(({ type }) => type === "open")).toHaveLength(6);
  });

  it("bends every line before anything crosses it", async () => {
    const lab = new Lab();
    const network = { delay_ms: 5, jitter_ms: 0, bandwidth_bit_per_s: null };
    await run(lab, { rounds: 1, messages: 1, network }).racing;
    const shaped = lab.asked.filter((ask) => ask.type === "emulate");
    expect(shaped).toHaveLength(4);
    for (const ask of shaped) expect(ask).toMatchObject({ network });
  });

  it("goes on without a transport that fails, and says why", async () => {
    const transports = ["a", "broken", "unknown"];
    const result = await run(new Lab(), { transports, rounds: 1 }).racing;
    expect(Object.keys(result.transports)).toEqual(["a"]);
    expect(result.void).toEqual({
      broken: "connection refused",
      unknown: "the server has no transport called unknown",
    });
  });

  it("is void on a wire where a message came twice, or was refused", async () => {
    const lab = new Lab({
      a: (n) => (n === 3 ? "twice" : "said"),
      b: (n) => (n === 4 ? "refused" : "said"),
    });
    const result = await run(lab).racing;
    expect(result.transports).toEqual({});
    expect(result.void).toEqual({ a: "1 lost", b: "too fast" });
  });

  it("stops, and gives all lines back", async () => {
    const lab = new Lab();
    const stop = new AbortController();
    const { racing, standings } = run(lab, { rounds: 50 }, stop.signal);
    setTimeout(() => stop.abort(new Error("stopped")), 700);
    await expect(racing).rejects.toThrow("stopped");
    expect(lab.open.size).toBe(0);
    expect(standings.at(-1)?.lanes.a?.state).not.toBe("failed");
  });

  it("refuses what is out of bounds before it asks for anything", async () => {
    const lab = new Lab();
    await expect(run(lab, { rounds: 0 }).racing).rejects.toThrow(RangeError);
    expect(lab.asked).toEqual([]);
  });
});
