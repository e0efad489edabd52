// A TCP proxy whose connections can be stalled and cut, and that can refuse new ones.

import { connect, createServer } from "node:net";

const listening = (server) =>
  new Promise((resolve) => server.listen(0, "127.0.0.1", () => resolve(server.address().port)));

export async function cuttableRoute(port) {
  const pairs = new Set();
  const down = { stalled: false };
  const up = { stalled: false };
  const kept = new Set();
  let open = true;

  function carry(from, to, direction) {
    from.on("data", (data) => !direction.stalled && to.writable && to.write(data));
    from.on("error", () => {});
    from.on("close", () => kept.has(to) || to.destroy());
  }

  const proxy = createServer((near) => {
    if (!open) {
      near.destroy();
      return;
    }
    const far = connect(port, "127.0.0.1");
    const pair = [near, far];
    pairs.add(pair);
    near.on("close", () => pairs.delete(pair));
    carry(near, far, up);
    carry(far, near, down);
  });

  return {
    port: await listening(proxy),
    // Bytes are lost from now on, as on a network that breaks: until the cut, nobody notices.
    stall(...directions) {
      down.stalled = directions.includes("down");
      up.stalled = directions.includes("up");
    },
    // Ends all connections, and refuses new ones until `reopen`.
    cut() {
      open = false;
      for (const pair of pairs) pair.forEach((socket) => socket.destroy());
    },
    // Ends only the client's half, as where its address changes: the server does not notice.
    cutNear() {
      open = false;
      for (const [near, far] of pairs) {
        kept.add(far);
        near.destroy();
      }
    },
    // New connections go to `to`, another server's port, if it is given.
    reopen(to = port) {
      port = to;
      down.stalled = up.stalled = false;
      open = true;
    },
    close() {
      for (const far of kept) far.destroy();
      return new Promise((resolve) => proxy.close(resolve));
    },
  };
}
