// During a race: how it stands, from what happens in it; afterwards its result. Pure.

import type { Network } from "../control";
import type { Plan } from "./options";

export interface Burst {
  messages: number;
  ms: number;
  lost: number;
}

/** What a race tells while it runs. `transport` is on its line, and so on. */
export type Happening =
  | { type: "opened" | "finished"; transport: string }
  | { type: "failed"; transport: string; reason: string }
  | { type: "handshake" | "rtt"; transport: string; ms: number }
  | { type: "lost"; transport: string; messages: number }
  | { type: "burst"; transport: string; burst: Burst }
  | { type: "traffic"; transport: string; messages: number; up_bytes: number; down_bytes: number }
  | { type: "totals"; transport: string; connections: number; requests: number };

export interface Lane {
  state: "waiting" | "running" | "finished" | "failed";
  /** Why it failed. */
  reason: string | null;
  handshake_ms: readonly number[];
  rtt_ms: readonly number[];
  burst: Burst | null;
  /** Messages that did not come back, or came twice; any makes the lane void. */
  lost: number;
  /** Of the messages whose bytes were counted. */
  messages: number;
  up_bytes: number;
  down_bytes: number;
  connections: number;
  requests: number;
}

export interface Ranking {
  readonly plan: Plan;
  readonly lanes: Readonly<Record<string, Lane>>;
  /** Handshakes and messages that are done, and those that there are to be. */
  readonly done: number;
  readonly total: number;
}

const LANE: Lane = {
  state: "waiting",
  reason: null,
  handshake_ms: [],
  rtt_ms: [],
  burst: null,
  lost: 0,
  messages: 0,
  up_bytes: 0,
  down_bytes: 0,
  connections: 0,
  requests: 0,
};

export function lined(plan: Plan): Ranking {
  return {
    plan,
    lanes: Object.fromEntries(plan.transports.map((transport) => [transport, LANE])),
    done: 0,
    total: plan.transports.length * stepsOf(plan),
  };
}

const stepsOf = ({ rounds, handshakes, messages, burst }: Plan): number =>
  rounds * (handshakes + messages) + (burst > 0 ? 1 : 0);

export function advanced(before: Ranking, happening: Happening): Ranking {
  const lane = before.lanes[happening.transport];
  if (!lane) return before;
  const lanes = { ...before.lanes, [happening.transport]: moved(lane, happening) };
  return { ...before, lanes, done: before.done + stepOf(lane, happening, before.plan) };
}

function moved(lane: Lane, happening: Happening): Lane {
  switch (happening.type) {
    case "opened":
      return { ...lane, state: "running" };
    case "finished":
      return { ...lane, state: "finished" };
    case "failed":
      return { ...lane, state: "failed", reason: happening.reason };
    case "handshake":
      return { ...lane, handshake_ms: [...lane.handshake_ms, happening.ms] };
    case "rtt":
      return { ...lane, rtt_ms: [...lane.rtt_ms, happening.ms] };
    case "lost":
      return { ...lane, lost: lane.lost + happening.messages };
    case "burst":
      return { ...lane, burst: happening.burst, lost: lane.lost + happening.burst.lost };
    case "traffic":
      return {
        ...lane,
        messages: lane.messages + happening.messages,
        up_bytes: lane.up_bytes + happening.up_bytes,
        down_bytes: lane.down_bytes + happening.down_bytes,
      };
    case "totals":
      return { ...lane, connections: happening.connections, requests: happening.requests };
  }
}

/** A lane that failed has nothing more to do. */
function stepOf(lane: Lane, { type }: Happening, plan: Plan): number {
  if (type === "failed") return stepsOf(plan) - stepsDone(lane);
  return type === "handshake" || type === "rtt" || type === "burst" ? 1 : 0;
}

const stepsDone = (lane: Lane): number =>
  lane.handshake_ms.length + lane.rtt_ms.length + (lane.burst ? 1 : 0);

/** Why a lane's figures do not count; null where they do. */
export function voidOf(lane: Lane): string | null {
  if (lane.state === "failed") return lane.reason;
  return lane.lost > 0 ? `${lane.lost} lost` : null;
}

export interface TransportResult {
  handshake_ms: number[];
  rtt_ms: number[];
  burst: Burst | null;
  up_bytes_per_message: number;
  down_bytes_per_message: number;
  /** Of the line that carried the messages, from its first connection to its last message. */
  connections: number;
  requests: number;
}

/** The result of a race, version 1: what `save_race` takes (docs/page.md). */
export interface Race {
  version: 1;
  /** Product and version: "Chrome/131.0.0.0". */
  browser: string;
  network: Network;
  rounds: number;
  transports: Record<string, TransportResult>;
}

/** The race, and why each of the transports that are not in it does not count. */
export type RaceResult = Race & { void: Record<string, string> };

export function resultOf({ plan, lanes }: Ranking, browser: string): RaceResult {
  const transports: Record<string, TransportResult> = {};
  const voids: Record<string, string> = {};
  for (const transport of plan.transports) {
    const reason = voidOf(lanes[transport]!);
    if (reason === null) transports[transport] = figures(lanes[transport]!);
    else voids[transport] = reason;
  }
  const { network, rounds } = plan;
  return { version: 1, browser, network, rounds, transports, void: voids };
}

/** Without what the schema has no place for. */
export function savable({ void: _, ...race }: RaceResult): Race {
  return race;
}

/** Bytes by message; null as long as none was counted. */
export function bytesEach(lane: Lane): { up: number; down: number } | null {
  const { messages, up_bytes, down_bytes } = lane;
  return messages > 0 ? { up: up_bytes / messages, down: down_bytes / messages } : null;
}

function figures(lane: Lane): TransportResult {
  const each = bytesEach(lane);
  return {
    handshake_ms: lane.handshake_ms.map(toMicro),
    rtt_ms: lane.rtt_ms.map(toMicro),
    burst: lane.burst && { ...lane.burst, ms: toMicro(lane.burst.ms) },
    up_bytes_per_message: toMicro(each?.up ?? 0),
    down_bytes_per_message: toMicro(each?.down ?? 0),
    connections: lane.connections,
    requests: lane.requests,
  };
}

/** Three digits: no clock of a browser is finer, and nothing took no time. */
const toMicro = (value: number): number => Math.max(Math.round(value * 1_000), 1) / 1_000;

/** "Chrome/131.0.0.0" of the whole of `navigator.userAgent`. */
export function productOf(userAgent: string): string {
  const found = /(?:Firefox|Edg|(?:Headless)?Chrome|Version)\/[\d.]+/.exec(userAgent);
  return found ? found[0].replace("Version/", "Safari/") : "unknown";
}
