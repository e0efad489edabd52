// Between the page and `lab chat`: the control WebSocket (docs/page.md). It comes back by itself.

import type { Limits } from "./room";

export interface TransportInfo {
  name: string;
  summary: string;
  family: "native" | "socketio" | "fallback";
  /** Which transports a Socket.IO server offers; both: polling first, then an upgrade. */
  websocket: boolean;
  polling: boolean;
  available: boolean;
  /** Why it is not available. */
  reason: string | null;
  /** Why it is served to who asks for it only. */
  unsafe: string | null;
  group: string;
  /** Its server is a program of its own: nobody on another transport is in its rooms. */
  own_rooms: boolean;
  /** Its client is the browser's WebTransport. */
  webtransport: boolean;
  /** A session is made of streams of HTTP/2. */
  http2: boolean;
  /** A link has a relay, which shows what crosses it and emulates a network. */
  relayed: boolean;
  /** Socket.IO's packets are msgpack and not JSON. */
  msgpack: boolean;
}

export interface Hello {
  type: "hello";
  version: number;
  transports: TransportInfo[];
  limits: Limits;
  share: boolean;
}

export interface Network {
  /** One way. */
  delay_ms: number;
  jitter_ms: number;
  bandwidth_bit_per_s: number | null;
}

/** What a packet, or a message without one, says; `inspector/said` puts it into words. */
export interface Meaning {
  kind: string;
  name: string;
  /** What is the user's or the protocol's own in it: a room, a text, a code. */
  values?: Readonly<Record<string, string | number>>;
}

/** What crossed a line, decoded; the bytes are asked for with `bytes`. */
export interface TransportRecord {
  n: number;
  at_ms: number;
  connection: number;
  direction: "up" | "down" | "none";
  kind:
    | "opened"
    | "closed"
    | "fin"
    | "request"
    | "response"
    | "part"
    | "frame"
    | "tls"
    | "undecoded";
  title: string;
  bytes: number;
  meaning: string[];
  exchange: number | null;
  /** Of `bytes`: HTTP's own, what frames and packets need around it, what was said, TLS's own. */
  http: number;
  framing: number;
  payload: number;
  tls: number;
  says: readonly Meaning[];
}

export interface Row {
  offset: number;
  hex: string;
  text: string;
  meaning: string;
}

/** The header of a WebSocket frame, field by field (RFC 6455, section 5.2). */
export interface FrameBits {
  fin: boolean;
  rsv: string;
  opcode: number;
  /** Of the opcode; empty of a reserved one. */
  name: string;
  masked: boolean;
  length: number;
  /** In how many bits the length is. */
  length_bits: number;
  mask: string;
}

export interface Detail {
  rows: Row[];
  headers: [string, string][];
  frame: FrameBits | null;
  /** The texts of the JSON values inside. */
  json: string[];
}

/** A capture, which `lab why` reads, or an HTTP Archive. */
export type FileForm = "capture" | "har";

export interface Counters {
  type: "counters";
  line: string;
  connections: { opened: number; live: number };
  requests: number;
  up_bytes: number;
  down_bytes: number;
  commands: number;
  deliveries: number;
  undecoded_bytes: number;
}

export interface Labelled {
  http: number;
  framing: number;
  payload: number;
  undecodable: number;
  tls: number;
}

export interface LedgerTurn {
  purpose: string;
  up: number;
  down: number;
}

export interface ByteCost {
  up: Labelled;
  down: Labelled;
}

/** What a line has cost, as `lab/ledger/live.py` counts it. */
/** What carried the namespace's answer, and the reply to `join`; round trips that were polls alone. */
export interface Upgrade {
  namespace: "polling" | "websocket";
  joined: "polling" | "websocket";
  polls: number;
}

export interface Account {
  /** What had to happen until the room was joined: a turn is one round trip, by records' numbers. */
  joined: { counted: { round_trips: number; cost: ByteCost }; turns: readonly LedgerTurn[] } | null;
  /** How a session joined that moves from polling to a WebSocket: see lab/ledger/upgrade.py. */
  upgrade: Upgrade | null;
  /** How many there were, and their bytes together. A message is one `say` with its reply. */
  spent: { message: { count: number; cost: ByteCost } };
  /** The latest `say` that was answered: the records that carried it and its reply, and their cost. */
  said: { up: number; down: number; cost: ByteCost } | null;
}

export type Push =
  | Counters
  | { type: "ledger"; line: string; account: Account }
  | {
      type: "records";
      line: string;
      records: TransportRecord[];
      skipped: number;
      /** Numbers of records whose last byte has left the link by now, and when. */
      passed: [n: number, at_ms: number][];
    }
  | { type: "presence"; room: string; members: { name: string; transport: string }[] }
  | { type: "closed"; line: string; reason: string };

/** Each kind of question, and what its `done` carries. */
export interface Asks {
  open: { ask: { transport: string }; done: { line: string; url: string } };
  close: { ask: { line: string }; done: object };
  emulate: { ask: { line: string; network: Network }; done: { network: Network } };
  stall: { ask: { line: string; on: boolean }; done: object };
  cut: { ask: { line: string; how: "rst" | "fin" }; done: { cut: number } };
  inspect: { ask: { line: string; on: boolean }; done: object };
  clock: { ask: { line: string }; done: { at_ms: number } };
  bytes: { ask: { line: string; record: number }; done: Detail };
  export: { ask: { line: string; form: FileForm }; done: { text: string; complete: boolean } };
  save_race: { ask: { race: object }; done: { run: string } };
}
export type Ask = { [T in keyof Asks]: { type: T } & Asks[T]["ask"] }[keyof Asks];

/** The server said no (its `code`), or is not there (`down`). */
export class ControlError extends Error {
  override name = "ControlError";
  constructor(
    readonly code: string,
    reason: string,
  ) {
    super(reason);
  }
}

/** `waiting`: down, and about to be tried again. */
export interface ControlState {
  up: boolean;
  hello: Hello | null;
  /** Why it is down; null while it is up, or was never tried. */
  reason: string | null;
}

const FIRST_RETRY_MS = 300;
const LAST_RETRY_MS = 5_000;

export function controlUrl(page: Location): string {
  const url = new URL("control", page.href);
  url.protocol = url.protocol === "https:" ? "wss:" : "ws:";
  url.hash = "";
  url.search = "";
  const token = new URLSearchParams(page.search).get("token");
  if (token) url.searchParams.set("token", token);
  return url.href;
}

type Waiting = { resolve: (done: never) => void; reject: (error: ControlError) => void };

export class Control {
  #state: ControlState = { up: false, hello: null, reason: null };
  #socket: WebSocket | null = null;
  #waiting = new Map<number, Waiting>();
  #next = 1;
  #failures = 0;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #pushes = new Set<(push: Push) => void>();
  #watchers = new Set<() => void>();

  constructor(private readonly url: string) {}

  /** Connect, and connect again whenever the connection ends. */
  start(): void {
    clearTimeout(this.#timer);
    const socket = new WebSocket(this.url);
    this.#socket = socket;
    socket.onmessage = (event) => this.#take(JSON.parse(String(event.data)));
    socket.onclose = (event) => this.#ended(event);
  }

  /** End it for good. */
  stop(): void {
    clearTimeout(this.#timer);
    if (!this.#socket) return;
    this.#socket.onclose = null;
    this.#socket.close();
    this.#fail("the page has closed it");
  }

  /** Try again now instead of waiting. */
  retry(): void {
    if (!this.#socket) this.start();
  }

  /** A new object whenever something changed. */
  readonly snapshot = (): ControlState => this.#state;

  readonly subscribe = (watcher: () => void): (() => void) => {
    this.#watchers.add(watcher);
    return () => this.#watchers.delete(watcher);
  };

  onPush(take: (push: Push) => void): () => void {
    this.#pushes.add(take);
    return () => this.#pushes.delete(take);
  }

  /** Ask; rejects with a ControlError where the answer is `failed`, or the server is gone. */
  ask<T extends keyof Asks>(ask: { type: T } & Asks[T]["ask"]): Promise<Asks[T]["done"]> {
    const socket = this.#socket;
    if (!socket || !this.#state.up) {
      return Promise.reject(new ControlError("down", this.#state.reason ?? "not connected"));
    }
    const id = this.#next++;
    return new Promise((resolve, reject) => {
      this.#waiting.set(id, { resolve: resolve as Waiting["resolve"], reject });
      socket.send(JSON.stringify({ ...ask, id }));
    });
  }

  #take(message: { type: string; id?: number }): void {
    if (message.type === "hello") {
      this.#failures = 0;
      this.#set({ up: true, hello: message as Hello, reason: null });
    } else if (message.type === "done" || message.type === "failed") {
      this.#answer(message as { type: string; id: number; code: string; reason: string });
    } else {
      for (const push of this.#pushes) push(message as Push);
    }
  }

  #answer(message: { type: string; id: number; code: string; reason: string }): void {
    const waiting = this.#waiting.get(message.id);
    this.#waiting.delete(message.id);
    if (message.type === "done") waiting?.resolve(message as never);
    else waiting?.reject(new ControlError(message.code, message.reason));
  }

  #ended(event: CloseEvent): void {
    this.#fail(event.reason || `the connection ended (${event.code})`);
    const most = Math.min(LAST_RETRY_MS, FIRST_RETRY_MS * 2 ** this.#failures++);
    this.#timer = setTimeout(() => this.start(), most * (0.5 + Math.random() / 2));
  }

  #fail(reason: string): void {
    this.#socket = null;
    for (const { reject } of this.#waiting.values()) reject(new ControlError("down", reason));
    this.#waiting.clear();
    this.#set({ ...this.#state, up: false, reason });
  }

  #set(state: ControlState): void {
    this.#state = state;
    for (const watcher of this.#watchers) watcher();
  }
}
