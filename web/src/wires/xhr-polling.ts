// The wire `xhr-polling`: an XMLHttpRequest waits until there is something to say, then the next.

import { connectBy, Fallback } from "./fallback";
import type { OnEvent } from "./wire";
import { get } from "./xhr";

class XhrPolling extends Fallback {
  constructor(url: string, onEvent: OnEvent) {
    super("xhr-polling", url, onEvent);
  }

  protected override async read(): Promise<void> {
    while (!this.toldGoodbye && !this.over) this.receive(await get(this.address(), this.gone));
  }
}

export const connectXhrPolling = connectBy(XhrPolling);
