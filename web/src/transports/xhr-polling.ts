// The transport `xhr-polling`: an XMLHttpRequest waits until there is something to say, then the next.

import { connectBy, Fallback } from "./fallback";
import { get } from "./xhr";

class XhrPolling extends Fallback {
  protected override async read(): Promise<void> {
    while (!this.closeAnnounced && !this.over) this.receive(await get(this.address(), this.gone));
  }
}

export const connectXhrPolling = connectBy(XhrPolling);
