// The wire `sse`: an EventSource, which is what the streams became when browsers learned to stream.

import { connectBy, Fallback } from "./fallback";
import { type OnEvent, WireError } from "./wire";

class Sse extends Fallback {
  constructor(url: string, onEvent: OnEvent) {
    super("sse", url, onEvent);
  }

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
        if (this.toldGoodbye) resolve();
        else reject(new WireError("the stream broke"));
      };
    });
  }
}

export const connectSse = connectBy(Sse);
