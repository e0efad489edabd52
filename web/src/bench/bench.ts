// What a benchmark asks of this page: a room that it fills, and loops whose spans it times itself.

import type { TransportInfo } from "../control";
import { type Client, type Connect, connectorOf } from "../transports";
import { nowNs } from "./clock";
import { ask, handshakes, ignore, roundTrips, timesToJoin } from "./closed-loop";
import { Audience, type FanOut, fanOut } from "./fan-out";
import { underNewName } from "./host";

/** What came of a round, and how long it took here, without the way to whoever asked for it. */
export type Timed<T> = { found: T; wall_ns: number };

const NOBODY = new Audience(0);

export class Bench {
  #connect: Connect | null = null;
  #url = "";
  #room = "";
  #members: Client[] = [];
  #audience = NOBODY;

  /** From now on it is about this transport; `url` is what its client is given. */
  use(transport: TransportInfo, url: string): void {
    this.#connect = connectorOf(transport);
    this.#url = url;
  }

  handshakes(count: number): Promise<Timed<number[]>> {
    return timed(() => handshakes(this.#connector(), this.#url, count));
  }

  timesToJoin(room: string, count: number): Promise<Timed<number[]>> {
    return timed(() => timesToJoin(this.#connector(), this.#url, room, count));
  }

  /** Fill a room with so many members, each with a connection of its own, all in this page. */
  async fill(room: string, size: number): Promise<void> {
    this.#room = room;
    this.#audience = new Audience(size);
    for (let number = 0; number < size; number++) {
      const listen = size === 1 ? ignore : this.#audience.listener();
      const member = await this.#connector()(underNewName(this.#url), listen);
      this.#members.push(member);
      await ask(member, { type: "join", room, name: `member ${number}` }, "joined");
    }
  }

  /** Let all members leave. */
  async empty(): Promise<void> {
    await Promise.all(this.#members.splice(0).map((member) => member.close()));
    this.#audience = NOBODY;
  }

  roundTrips(texts: string[]): Promise<Timed<number[]>> {
    return timed(() => roundTrips(this.#speaker(), this.#room, texts));
  }

  fanOut(texts: string[], window: number): Promise<Timed<FanOut>> {
    return timed(() => fanOut(this.#speaker(), this.#room, this.#audience, texts, window));
  }

  #connector(): Connect {
    if (!this.#connect) throw new Error("no transport was chosen: call use()");
    return this.#connect;
  }

  #speaker(): Client {
    const speaker = this.#members[0];
    if (!speaker) throw new Error("nobody is in a room: call fill()");
    return speaker;
  }
}

async function timed<T>(work: () => Promise<T>): Promise<Timed<T>> {
  const start = nowNs();
  const found = await work();
  return { found, wall_ns: nowNs() - start };
}
