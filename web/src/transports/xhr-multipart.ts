// The transport `xhr-multipart`: one XMLHttpRequest that does not end; each write is a part of it.
// Firefox cut the parts itself. What browsers hand over today is the response as it stands.

import { connectBy, Fallback } from "./fallback";
import { MalformedError } from "./payload";
import { get } from "./xhr";

const FIRST = "--socketio\n";
const TYPE = "Content-Type: text/plain\n\n";
const END = "\n--socketio\n";

class XhrMultipart extends Fallback {
  #read = 0;

  protected override async read(): Promise<void> {
    this.#cut(await get(this.address(), this.gone, (text) => this.#cut(text)));
  }

  /** Take the parts that are whole by now. */
  #cut(text: string): void {
    if (this.#read === 0) {
      if (!text.startsWith(FIRST)) return;
      this.#read = FIRST.length;
    }
    for (let end = text.indexOf(END, this.#read); end >= 0; end = text.indexOf(END, this.#read)) {
      const part = text.slice(this.#read, end);
      this.#read = end + END.length;
      if (!part.startsWith(TYPE)) throw new MalformedError("a part begins with its Content-Type");
      this.receive(part.slice(TYPE.length));
    }
  }
}

export const connectXhrMultipart = connectBy(XhrMultipart);
