// What the view shows: two transports, a network, a text. A shared link carries them. Pure.

import type { Network, TransportInfo } from "../control";
import { STILL } from "../inspector/network";

export interface Settings {
  /** By name: the left one, and the right one. */
  transports: readonly [string, string];
  network: Network;
  text: string;
}

export const USUAL: Settings = {
  transports: ["websocket", "socketio"],
  network: STILL,
  text: "hello",
};

export const PRESETS = {
  here: STILL,
  wifi: { delay_ms: 3, jitter_ms: 1, bandwidth_bit_per_s: 100_000_000 },
  mobile: { delay_ms: 25, jitter_ms: 5, bandwidth_bit_per_s: 10_000_000 },
  far: { delay_ms: 100, jitter_ms: 0, bandwidth_bit_per_s: null },
  satellite: { delay_ms: 280, jitter_ms: 5, bandwidth_bit_per_s: 10_000_000 },
} satisfies Record<string, Network>;
export type Preset = keyof typeof PRESETS;

const isPreset = (name: string): name is Preset => Object.hasOwn(PRESETS, name);
export const PRESET_NAMES: readonly Preset[] = Object.keys(PRESETS).filter(isPreset);

/** The preset that a network is; null where it is none. */
export function presetOf(network: Network): Preset | null {
  return PRESET_NAMES.find((name) => same(PRESETS[name], network)) ?? null;
}

const same = (one: Network, other: Network): boolean =>
  one.delay_ms === other.delay_ms &&
  one.jitter_ms === other.jitter_ms &&
  one.bandwidth_bit_per_s === other.bandwidth_bit_per_s;

/** What a shared link asks for that is not to be had here. */
export type Missing =
  | { what: "version"; name: string }
  | { what: "transport"; name: string }
  | { what: "unavailable"; name: string; reason: string }
  | { what: "network"; name: string };

const VERSION = "1";
/** The server's bounds: see `EmulatedNetwork` in lab/page/protocol.py. */
const DELAY_MS = { low: 0, high: 5_000 };
const BANDWIDTH = { low: 1_000, high: 10 ** 12 };
/** More would not fit in an address that people paste. */
const TEXT_CHARS = 500;

/** What stands behind `#/compare/` so that `fromLink` gives the same settings. */
export function toLink({ transports, network, text }: Settings): string {
  const { delay_ms, jitter_ms, bandwidth_bit_per_s: bits } = network;
  const fields = new URLSearchParams({ v: VERSION, transports: transports.join(",") });
  fields.set("network", [delay_ms, jitter_ms, bits ?? ""].join(","));
  fields.set("text", text.slice(0, TEXT_CHARS).toWellFormed());
  return fields.toString();
}

/** The settings of a link, with the usual ones for what it lacks or asks for in vain. */
export function fromLink(
  link: string,
  known: readonly TransportInfo[],
): { settings: Settings; missing: readonly Missing[] } {
  if (!link) return { settings: USUAL, missing: [] };
  const fields = new URLSearchParams(link);
  const version = fields.get("v") ?? "";
  if (version !== VERSION) {
    return { settings: USUAL, missing: [{ what: "version", name: version }] };
  }
  const missing: Missing[] = [];
  const named = (fields.get("transports") ?? "").split(",");
  const chosen = USUAL.transports.map((usual, side) => {
    const name = named[side] || usual;
    const lacks = lacking(name, known);
    if (lacks) missing.push(lacks);
    return lacks ? usual : name;
  });
  const network = networkOf(fields.get("network"));
  if (!network) missing.push({ what: "network", name: fields.get("network") ?? "" });
  const text = (fields.get("text") || USUAL.text).slice(0, TEXT_CHARS);
  const transports: Settings["transports"] = [chosen[0]!, chosen[1]!];
  return { settings: { transports, network: network ?? STILL, text }, missing };
}

function lacking(name: string, known: readonly TransportInfo[]): Missing | null {
  const info = known.find((each) => each.name === name);
  if (!info) return { what: "transport", name };
  return info.available && info.relayed
    ? null
    : { what: "unavailable", name, reason: info.reason ?? "" };
}

/** Null where no network can be like that. */
function networkOf(text: string | null): Network | null {
  if (text === null) return STILL;
  const [delay_ms = Number.NaN, jitter_ms = Number.NaN] = text.split(",").map(Number);
  const bits = text.split(",")[2] ? Number(text.split(",")[2]) : null;
  const possible =
    delay_ms >= DELAY_MS.low &&
    delay_ms <= DELAY_MS.high &&
    jitter_ms >= 0 &&
    jitter_ms <= delay_ms &&
    (bits === null || (Number.isInteger(bits) && bits >= BANDWIDTH.low && bits <= BANDWIDTH.high));
  return possible ? { delay_ms, jitter_ms, bandwidth_bit_per_s: bits } : null;
}
