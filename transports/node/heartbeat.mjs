/**
 * Send a ping every `interval_s`, and cut the connection if no pong comes within `timeout_s`.
 * `ws` has no heartbeat of its own.
 *
 * @param {import("ws").WebSocket} ws
 * @param {{interval_s: number, timeout_s: number}} heartbeat
 */
export function keepAlive(ws, { interval_s: intervalS, timeout_s: timeoutS }) {
  let timer = setTimeout(ping, intervalS * 1000);

  function ping() {
    ws.ping();
    timer = setTimeout(() => ws.terminate(), timeoutS * 1000);
  }

  ws.on("pong", () => {
    clearTimeout(timer);
    timer = setTimeout(ping, intervalS * 1000);
  });
  ws.on("close", () => clearTimeout(timer));
}
