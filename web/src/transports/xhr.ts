// Shared by the fallbacks: one GET by XMLHttpRequest, whose text may be read while it comes.

import { TransportError } from "./transport";

/**
 * The whole text of the answer. `onText` is given all that has come, whenever more has.
 *
 * Rejects with a TransportError where the request fails, is refused or is aborted.
 */
export function get(
  url: string,
  signal: AbortSignal,
  onText?: (text: string) => void,
): Promise<string> {
  const request = new XMLHttpRequest();
  const abort = () => request.abort();
  signal.addEventListener("abort", abort);
  return new Promise<string>((resolve, reject) => {
    const fail = (reason: string) => reject(new TransportError(reason));
    request.onprogress = () => {
      if (request.status === 200) attempt(() => onText?.(request.responseText), reject);
    };
    request.onload = () => {
      if (request.status === 200) resolve(request.responseText);
      else fail(`HTTP ${request.status}: ${request.responseText.trim()}`);
    };
    request.onerror = () =>
      fail(
        "a request failed: the connection broke, no server listens there, or this page is refused",
      );
    request.onabort = () => fail("aborted");
    request.open("GET", url);
    request.send();
  }).finally(() => signal.removeEventListener("abort", abort));
}

function attempt(act: () => void, reject: (error: unknown) => void): void {
  try {
    act();
  } catch (error) {
    reject(error);
  }
}
