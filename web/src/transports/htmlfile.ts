// The transport `htmlfile`: a hidden frame that never ends loading; each script in it calls this page.
// The frame is of another origin than the page, so that the call is a postMessage. Of a stream that
// breaks a frame says nothing at all (Chromium 156): only the silence tells, after the close timeout.

import { connectBy, Fallback } from "./fallback";
import { type OnEvent, TransportError } from "./transport";

class Htmlfile extends Fallback {
  readonly #origin: string;

  constructor(format: string, url: string, onEvent: OnEvent) {
    super(format, url, onEvent);
    this.#origin = new URL(url).origin;
  }

  protected override read(): Promise<void> {
    const frame = document.createElement("iframe");
    frame.hidden = true;
    frame.title = "htmlfile";
    frame.src = `${this.address()}&page=${encodeURIComponent(window.location.origin)}`;
    return new Promise((resolve, reject) => {
      const hear = (event: MessageEvent) => {
        if (event.source !== frame.contentWindow || event.origin !== this.#origin) return;
        try {
          this.receive(String(event.data));
        } catch (error) {
          reject(error);
        }
      };
      // Loaded: the stream has ended in good order. What it said last may still be on its way here.
      frame.onload = () =>
        setTimeout(() => {
          if (this.closeAnnounced) resolve();
          else
            reject(
              new TransportError("the frame ended: the server refused it, or sent no close packet"),
            );
        });
      window.addEventListener("message", hear);
      this.gone.addEventListener("abort", () => {
        window.removeEventListener("message", hear);
        frame.onload = null;
        frame.remove();
      });
      document.body.append(frame);
    });
  }
}

export const connectHtmlfile = connectBy(Htmlfile);
