// What a chat costs: the server computes it (`lab cost`), the page asks and shows.

/** `low` and `high` bound a 95 % interval; without them the number is exact or measured once. */
export interface Span {
  median: number;
  low?: number;
  high?: number;
}

export interface Step {
  key: string;
  values: Record<string, Span>;
  result: Span;
}

export interface Row {
  stack: string;
  transport: string;
  cores: Span | null;
  memory_bytes: Span | null;
  month_bytes: Span | null;
  steps: Step[];
  missing: string[];
}

export interface Cost {
  shared: Step[];
  rows: Row[];
  assumptions: string[];
  /** The user's run that has some of the numbers; null: they are all of the reference. */
  own: string | null;
  reference: { machine: string; date: string };
}

export const FIELDS = ["users", "rooms", "rate", "text_bytes", "hours"] as const;
export type Field = (typeof FIELDS)[number];
export const PER = ["user", "room"] as const;
export type Per = (typeof PER)[number];
/** As typed: the server says what is no number, or out of its range. */
export type Plan = Record<Field, string> & { per: Per };

export const FIRST: Plan = {
  users: "10000",
  rooms: "100",
  rate: "0.05",
  per: "user",
  text_bytes: "64",
  hours: "24",
};

/** A field is out of its range. */
export class RangeProblem extends Error {
  override name = "RangeProblem";
  constructor(
    readonly field: Field,
    readonly low: number,
    readonly high: number,
  ) {
    super(`${field}: ${low} to ${high}`);
  }
}

export function costUrl(page: Location, plan: Plan): string {
  const url = new URL("cost", page.href);
  url.hash = "";
  url.search = new URLSearchParams(plan).toString();
  const token = new URLSearchParams(page.search).get("token");
  if (token) url.searchParams.set("token", token);
  return url.href;
}

/** Raises RangeProblem, and Error where the server is not there. */
export async function askCost(plan: Plan, signal: AbortSignal): Promise<Cost> {
  const response = await fetch(costUrl(window.location, plan), { signal });
  if (response.status === 400) {
    const { field, low, high } = await response.json();
    throw new RangeProblem(field, low, high);
  }
  if (!response.ok) throw new Error(`HTTP ${response.status}`);
  return response.json();
}
