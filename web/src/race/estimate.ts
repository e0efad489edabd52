// Before and during a race: how long it takes, roughly. Pure.

import type { Network, TransportInfo } from "../control";
import type { RaceOptions } from "./options";

type Spoken = Pick<TransportInfo, "family" | "websocket" | "polling">;
type Length = Required<Pick<RaceOptions, "rounds" | "messages" | "together">> & {
  network: Network;
};

/** What a handshake, and a message, take on this machine without any network, in ms. */
const HANDSHAKE_MS = 70;
const MESSAGE_MS = 8;
/** A transport's link has to be quiet for so long before its bytes are counted; see `traffic.ts`. */
const SETTLE_MS = 300;
const BYTES_A_TURN = 700;

/** Round trips until a transport is open, the close included: enough for an estimate. */
function turnsOf({ family, websocket, polling }: Spoken): number {
  if (family === "native") return 3;
  if (family === "fallback") return 4;
  return polling && websocket ? 8 : polling ? 5 : 4;
}

/** How long a race takes, in ms, without a burst. It is no more than an order of magnitude. */
export function estimateMs(transports: readonly Spoken[], length: Length): number {
  const { delay_ms, jitter_ms, bandwidth_bit_per_s: bandwidth } = length.network;
  const bytes_ms = bandwidth === null ? 0 : (BYTES_A_TURN * 8_000) / bandwidth;
  const turn_ms = 2 * delay_ms + jitter_ms + bytes_ms;
  const lanes = transports.map(
    (one) => HANDSHAKE_MS + turnsOf(one) * turn_ms + length.messages * (MESSAGE_MS + turn_ms),
  );
  const settle_ms = SETTLE_MS + 4 * (delay_ms + jitter_ms);
  const longest = Math.max(0, ...lanes);
  const all = lanes.reduce((sum, lane) => sum + lane, 0);
  // A transport's next messages wait until those of the round before are counted.
  const round_ms = Math.max(length.together ? longest : all, settle_ms + longest);
  return 2 * settle_ms + longest + length.rounds * round_ms;
}

/** How much longer, in ms, by what is done; `expected` while too little is done to say. */
export function remainingMs(
  { done, total }: { done: number; total: number },
  elapsed_ms: number,
  expected: number,
): number {
  if (done < total / 10) return Math.max(0, expected - elapsed_ms);
  return (elapsed_ms / done) * (total - done);
}

/** In seconds, rounded up: to 5 below a minute, to half a minute below ten, then to minutes. */
export function roundedSeconds(ms: number): number {
  const seconds = ms / 1_000;
  const step = seconds <= 60 ? 5 : seconds <= 600 ? 30 : 60;
  return Math.max(step, Math.ceil(seconds / step) * step);
}
