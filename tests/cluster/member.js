// A member of the room `lab` in a page. It comes back by itself, asks for what it has missed, and says again what got
// no reply, under the same key.

window.member = (name) => {
  const socket = io({ reconnectionDelay: 50, reconnectionDelayMax: 200 });
  const member = { inside: false, got: [], said: [], say };
  const outbox = [];
  let last = 0;
  let epoch;
  let sending = false;

  socket.on("connect", join);
  socket.on("disconnect", () => {
    member.inside = false;
  });
  for (const type of ["message", "arrived", "departed"]) {
    socket.on(type, (event) => {
      last = event.seq;
      member.got.push({ ...event, type });
    });
  }

  function join() {
    if (!socket.connected) return;
    socket.emit("join", { room: "lab", name, after: last, epoch }, (reply) => {
      if (reply.type !== "joined") return setTimeout(join, 50); // the name is taken until the killed node's lease is over
      epoch = reply.epoch;
      member.inside = true;
      flush();
    });
  }

  function say(text) {
    outbox.push({ text, key: crypto.randomUUID() });
    flush();
  }

  async function flush() {
    if (sending) return;
    sending = true;
    while (member.inside && outbox.length > 0) {
      try {
        const reply = await socket.timeout(20_000).emitWithAck("say", { room: "lab", ...outbox[0] });
        member.said.push({ ...outbox.shift(), ...reply });
      } catch {
        // Nobody knows whether it arrived.
      }
    }
    sending = false;
  }

  return member;
};
