import { io } from "socket.io-client";

export function connect(url, { room, name, onMessage }) {
  const socket = io(url);
  socket.on("message", onMessage);
  socket.emit("join", { room, name }, () => {});

  return {
    say: (text) => socket.emitWithAck("say", { room, text }),
    close: () => socket.disconnect(),
  };
}
