// Closed loops, as lab/load/closed_loop.py has them: the next operation starts when the last has
// ended. Durations are in ns.

import type { Command, Reply, RoomEvent } from "../room";
import type { Client, Connect } from "../transports";
import { nowNs } from "./clock";
import { underNewName } from "./host";

/** The room refused what was asked: what is measured is not what it says it is. */
export class RefusedError extends Error {
  override name = "RefusedError";
}

export const ignore = (_event: RoomEvent): void => {};

/** Ask, and be answered with this type; rejects with a RefusedError otherwise. */
export async function ask(client: Client, command: Command, wanted: Reply["type"]): Promise<void> {
  const reply = await client.request(command);
  if (reply.type !== wanted) {
    throw new RefusedError(`${command.type} was answered with ${JSON.stringify(reply)}`);
  }
}

/** Connect and close `count` times: the time until a command can be sent. */
export function handshakes(connect: Connect, url: string, count: number): Promise<number[]> {
  return visits(connect, url, count, async () => {});
}

/** Connect, join and close `count` times: the time until the `joined` reply. */
export function timesToJoin(
  connect: Connect,
  url: string,
  room: string,
  count: number,
): Promise<number[]> {
  return visits(connect, url, count, (client) =>
    ask(client, { type: "join", room, name: "newcomer" }, "joined"),
  );
}

/** Say each text and await its reply: the RTT of each. */
export async function roundTrips(
  client: Client,
  room: string,
  texts: readonly string[],
): Promise<number[]> {
  const samples: number[] = [];
  for (const text of texts) {
    const start = nowNs();
    await ask(client, { type: "say", room, text }, "said");
    samples.push(nowNs() - start);
  }
  return samples;
}

async function visits(
  connect: Connect,
  url: string,
  count: number,
  enter: (client: Client) => Promise<void>,
): Promise<number[]> {
  const samples: number[] = [];
  for (let visit = 0; visit < count; visit++) {
    const address = underNewName(url);
    const start = nowNs();
    const client = await connect(address, ignore);
    await enter(client);
    samples.push(nowNs() - start);
    await client.close();
  }
  return samples;
}
