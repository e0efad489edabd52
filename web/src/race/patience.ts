// During a race: waiting that ends, by time or by the stop button.

/** What was waited for did not come in time. */
export class Late extends Error {
  override name = "Late";
}

/** What `coming` gives; rejects with Late after `ms`, or with the signal's reason. */
export function within<T>(coming: Promise<T>, ms: number, signal: AbortSignal): Promise<T> {
  return new Promise((resolve, reject) => {
    const stop = () => end(() => reject(signal.reason));
    const timer = setTimeout(
      () => end(() => reject(new Late(`nothing came within ${Math.round(ms / 1_000)} s`))),
      ms,
    );
    const end = (then: () => void) => {
      clearTimeout(timer);
      signal.removeEventListener("abort", stop);
      then();
    };
    if (signal.aborted) stop();
    else signal.addEventListener("abort", stop);
    coming.then(
      (value) => end(() => resolve(value)),
      (error) => end(() => reject(error)),
    );
  });
}
