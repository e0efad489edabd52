// Shared by the native transport and the fallbacks: commands and events as JSON texts, paired by `id`.

import { type Command, isReply, type Reply, type RoomEvent } from "../room";
import { Ending } from "./ending";
import type { Client, OnEvent } from "./transport";

export abstract class Conversation extends Ending implements Client {
  readonly #onEvent: OnEvent;

  constructor(onEvent: OnEvent) {
    super();
    this.#onEvent = onEvent;
  }

  request(command: Command): Promise<Reply> {
    return this.expect((id) => this.write(JSON.stringify({ ...command, id })));
  }

  send(command: Command): void {
    // `typing` is never answered, but every command has an id.
    if (!this.over) this.write(JSON.stringify({ ...command, id: 0 }));
  }

  /** One JSON text came. */
  protected take(text: string): void {
    if (this.over) return;
    const event = parse(text);
    if (!event) this.abandon("what came is not JSON");
    else if (!isReply(event)) this.#onEvent(event);
    else if (event.id !== null) this.answer(event.id, event);
    else this.abandon("the server could not read what was sent");
  }

  /** Send one JSON text. */
  protected abstract write(text: string): void;
}

function parse(text: string): Reply | RoomEvent | null {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}
