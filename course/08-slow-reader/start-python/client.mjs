import { io } from "socket.io-client";

const ANSWER_MS = 5000;

export function connect(url, { room, name, onMessage }) {
  const socket = io(url);
  const outbox = [];
  let last = 0;
  let joined = false;
  let sending = false;

  socket.on("connect", () => {
    socket.emit("join", { room, name, after: last }, ({ missed }) => {
      missed.forEach(take);
      joined = true;
      flush();
    });
  });
  socket.on("disconnect", () => {
    joined = false;
  });
  socket.on("message", take);

  function take(message) {
    if (message.seq <= last) return;
    last = message.seq;
    onMessage(message);
  }

  async function flush() {
    if (sending) return;
    sending = true;
    while (joined && outbox.length > 0) {
      const { text, key, resolve } = outbox[0];
      try {
        resolve(await socket.timeout(ANSWER_MS).emitWithAck("say", { room, text, key }));
        outbox.shift();
      } catch {
        // No answer. Nobody knows whether it arrived: it is sent again, with the same key.
      }
    }
    sending = false;
  }

  return {
    say: (text) =>
      new Promise((resolve) => {
        outbox.push({ text, key: crypto.randomUUID(), resolve });
        flush();
      }),
    close: () => socket.disconnect(),
  };
}
