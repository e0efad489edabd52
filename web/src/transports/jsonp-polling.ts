// The transport `jsonp-polling`: script elements that wait, and forms posted into a hidden frame.
// What a frame of another origin was answered can't be read: the polls tell when the line breaks.

import { connectBy, Fallback } from "./fallback";
import { type OnEvent, TransportError } from "./transport";

declare global {
  interface Window {
    /** What the scripts call: `io.j[<i>]("<payload>")`, by the name that Socket.IO gave it. */
    io?: { j: ((payload: string) => void)[] };
  }
}

function ignore(): void {}

class JsonpPolling extends Fallback {
  readonly #callbacks: ((payload: string) => void)[];
  readonly #index: number;

  constructor(format: string, url: string, onEvent: OnEvent) {
    super(format, url, onEvent);
    window.io ??= { j: [] };
    this.#callbacks = window.io.j;
    this.#index = this.#callbacks.push(ignore) - 1;
  }

  protected override handshake(): Promise<string> {
    return this.#script(`${this.root}?t=${this.stamp()}&jsonp=${this.#index}`);
  }

  protected override async read(): Promise<void> {
    while (!this.closeAnnounced && !this.over) {
      this.receive(await this.#script(`${this.address()}&i=${this.#index}`));
    }
  }

  /** Run one script of the server; the text that it calls us with. */
  #script(source: string): Promise<string> {
    const element = document.createElement("script");
    const result = new Promise<string>((resolve, reject) => {
      this.#callbacks[this.#index] = resolve;
      const fail = (reason: string) => reject(new TransportError(reason));
      element.onload = () => fail("a script did not call the page"); // too late if it did
      element.onerror = () =>
        fail("a script failed: the connection broke, or the server refused it");
      this.gone.addEventListener("abort", () => fail("aborted"), { once: true });
    });
    element.src = source;
    document.head.append(element);
    return result.finally(() => {
      // One that still waits may call later: then nobody listens.
      this.#callbacks[this.#index] = ignore;
      element.remove();
    });
  }

  protected override post(payload: string): Promise<void> {
    const frame = document.createElement("iframe");
    frame.hidden = true;
    frame.title = "jsonp-polling";
    frame.name = `jsonp-${this.#index}`;
    const form = formOf(this.address(), frame.name, payload);
    document.body.append(frame, form);
    return new Promise<void>((resolve) => {
      frame.onload = () => resolve();
      this.gone.addEventListener("abort", () => resolve(), { once: true });
      form.submit();
    }).finally(() => {
      form.remove();
      frame.remove();
    });
  }

  protected override encodeUp(payload: string): BodyInit {
    return new URLSearchParams({ d: JSON.stringify(payload) });
  }
}

/** As a string in JSON, since browsers change line ends in a form. */
function formOf(action: string, target: string, payload: string): HTMLFormElement {
  const form = document.createElement("form");
  Object.assign(form, { method: "POST", action, target, acceptCharset: "utf-8", hidden: true });
  const field = document.createElement("textarea");
  Object.assign(field, { name: "d", value: JSON.stringify(payload) });
  form.append(field);
  return form;
}

export const connectJsonpPolling = connectBy(JsonpPolling);
