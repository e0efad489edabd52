// The transport `sse`: an EventSource, which is what the streams became when browsers learned to stream.

import { connectBy, Fallback } from "./fallback";
import { TransportError } from "./transport";

class Sse extends Fallback {
  protected override read(): Promise<void> {
    const source = new EventSource(this.address());
    this.gone.addEventListener("abort", () => source.close());
    return new Promise((resolve, reject) => {
      source.onmessage = (event) => {
        try {
          this.receive(event.data);
        } catch (error) {
          reject(error);
        }
      };
      // It would connect again by itself, to a session that has ended: the room's resume is better.
      source.onerror = () => {
        source.close();
        if (this.closeAnnounced) resolve();
        else reject(new TransportError("the stream broke"));
      };
    });
  }
}

export const connectSse = connectBy(Sse);
