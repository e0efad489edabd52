/**
 * One job after the other: a call within a call waits until that one is done.
 */

/** Make a function that runs jobs. A job that comes during another one runs after it. */
export function inTurn() {
  /** @type {(() => void)[]} */
  const waiting = [];
  let running = false;
  return (/** @type {() => void} */ job) => {
    waiting.push(job);
    if (running) return;
    running = true;
    try {
      while (waiting.length > 0) waiting.shift()();
    } finally {
      running = false;
    }
  };
}
