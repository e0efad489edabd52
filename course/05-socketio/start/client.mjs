export function connect(url, { room, name, onMessage }) {
  const socket = new WebSocket(url.replace("http", "ws"));
  const opened = new Promise((resolve) => socket.addEventListener("open", resolve));
  const answers = new Map(); // the id of a command -> what takes its answer
  let lastId = 0;

  socket.addEventListener("message", ({ data }) => {
    const { id, ...event } = JSON.parse(data);
    if (event.type === "message") return onMessage(event);
    answers.get(id)?.(event);
    answers.delete(id);
  });

  async function ask(command) {
    await opened;
    const id = ++lastId;
    socket.send(JSON.stringify({ ...command, id }));
    return new Promise((resolve) => answers.set(id, resolve));
  }

  ask({ type: "join", room, name });

  return {
    say: (text) => ask({ type: "say", room, text }),
    close: () => socket.close(),
  };
}
