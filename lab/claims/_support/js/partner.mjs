// The partner of a ping-pong, in Node and in a browser alike: it joins a room, repeats the texts of
// the other members, and leaves when it receives "bye".

export function partner(transport, room, name) {
  let heard = 0;
  return new Promise((resolve, reject) => {
    transport.listen((type, payload) => {
      if (type === "refused") {
        reject(new Error(`refused: ${payload.reason}`));
      } else if (type === "message" && payload.name !== name) {
        if (payload.text === "bye") {
          resolve({ heard });
        } else {
          heard += 1;
          transport.send("say", { room, text: payload.text });
        }
      }
    });
    transport.send("join", { room, name });
  });
}

// The chat's JSON in WebSocket frames; `WebSocket` is the class of the browser or of a library.
export async function native(WebSocket, url) {
  const socket = new WebSocket(url);
  await new Promise((resolve, reject) => {
    socket.onopen = resolve;
    socket.onerror = () => reject(new Error(`no WebSocket to ${url}`));
  });
  let id = 0;
  return {
    send: (type, payload) => socket.send(JSON.stringify({ type, id: (id += 1), ...payload })),
    listen: (listener) => {
      socket.onmessage = ({ data }) => {
        const { type, ...payload } = JSON.parse(data);
        listener(type, payload);
      };
    },
    close: () => socket.close(),
  };
}

// The chat as Socket.IO events and acknowledgements; with several transports it waits for the upgrade.
export async function socketio(io, url, transports) {
  const socket = io(url, { transports, reconnection: false, forceNew: true });
  await new Promise((resolve, reject) => {
    socket.on("connect", resolve);
    socket.on("connect_error", ({ message }) =>
      reject(new Error(`no Socket.IO to ${url}: ${message}`)),
    );
  });
  const engine = socket.io.engine;
  const last = transports[transports.length - 1];
  if (engine.transport.name !== last) {
    await new Promise((resolve) => engine.once("upgrade", resolve));
  }
  const listeners = [];
  const notify = (type, payload) => listeners.forEach((listener) => listener(type, payload));
  socket.onAny(notify);
  return {
    send: (type, payload) => socket.emit(type, payload, (reply) => notify(reply.type, reply)),
    listen: (listener) => listeners.push(listener),
    close: () => socket.disconnect(),
  };
}
