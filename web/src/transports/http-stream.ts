// The transport `http-stream`: a fetch whose answer does not end, read line by line as it arrives.

import { connectBy, Fallback } from "./fallback";
import { linesOf, packetOf } from "./lines";
import { TransportError } from "./transport";

class HttpStream extends Fallback {
  protected override async read(): Promise<void> {
    const answer = await fetch(this.address(), { signal: this.gone });
    if (!answer.ok || !answer.body) {
      throw new TransportError(`HTTP ${answer.status}: ${(await answer.text()).trim()}`);
    }
    const reader = answer.body.pipeThrough(new TextDecoderStream()).getReader();
    let rest = "";
    for (;;) {
      const { done, value } = await reader.read();
      if (done) return;
      const lines = (rest + value).split("\n");
      rest = lines.pop()!;
      for (const line of lines) this.receive(packetOf(line));
    }
  }

  protected override encodeUp(payload: string): string {
    return linesOf(payload);
  }
}

export const connectHttpStream = connectBy(HttpStream);
