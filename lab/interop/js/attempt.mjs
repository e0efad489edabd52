// One attempt of a client, in Node or in a page: open, join the room, close.
//
// A visit is {url, transports, room, name, patience_ms}; its result is a report
// {opened_ms, ended_ms, joined, close_code, said}, see lab/interop/outcome.py.

/** A WebSocket of `ws` or of a browser: commands and events are JSON text frames. */
export function native(WebSocket, visit) {
  return attempt(visit, (report, step) => {
    const socket = new WebSocket(visit.url);
    socket.onopen = () => {
      step.opened();
      socket.send(JSON.stringify({ type: "join", id: 1, room: visit.room, name: visit.name }));
    };
    socket.onmessage = ({ data }) => isJoined(data) && step.joined();
    // A browser gives its page no reason for an error; `ws` does.
    socket.onerror = ({ message }) => (report.said = message ?? "");
    socket.onclose = ({ code, reason }) => {
      report.close_code = code;
      report.said ||= reason;
      step.ended();
    };
    return () => socket.close();
  });
}

/** A client of Socket.IO, whatever its version: commands are events, replies acknowledgements. */
export function socketio(io, visit) {
  return attempt(visit, (report, step) => {
    const transports = visit.transports ? { transports: visit.transports } : {};
    const socket = io(visit.url, { reconnection: false, forceNew: true, ...transports });
    const ended = (words) => {
      report.said = words;
      step.ended();
    };
    socket.on("connect", () => {
      step.opened();
      const { room, name } = visit;
      socket.emit("join", { room, name }, (reply) => reply?.type === "joined" && step.joined());
    });
    socket.on("connect_error", (error) => ended(wordsOf(error)));
    socket.on("connect_timeout", () => ended("timeout"));
    socket.on("disconnect", (reason) => ended(reason));
    return () => socket.close();
  });
}

/** Prints the report, and leaves time for the close frame; it does not wait for an answer to it. */
export function print(report) {
  console.log(JSON.stringify(report));
  setTimeout(() => process.exit(), 300).unref();
}

function attempt(visit, begin) {
  const report = { opened_ms: null, ended_ms: null, joined: false, close_code: null, said: "" };
  const began = performance.now();
  return new Promise((resolve) => {
    let close = () => {};
    let waiting;
    const done = () => {
      clearTimeout(waiting);
      resolve({ ...report }); // a later close must not change the result
      close();
    };
    const wait = () => {
      clearTimeout(waiting);
      waiting = setTimeout(done, visit.patience_ms);
    };
    const step = {
      opened() {
        report.opened_ms = performance.now() - began;
        wait();
      },
      joined() {
        report.joined = true;
        done();
      },
      ended() {
        report.ended_ms ??= performance.now() - began;
        done();
      },
    };
    wait();
    close = begin(report, step);
  });
}

function isJoined(data) {
  try {
    return JSON.parse(data).type === "joined";
  } catch {
    return false;
  }
}

/** The error's message, and what the transport below says of it: a status or an error. */
function wordsOf(error) {
  const { message = String(error), description } = error;
  const detail = typeof description === "number" ? description : description?.message;
  return detail ? `${message}: ${detail}` : message;
}
