// How a page takes part in a room over each fallback, with what its browser gives it and no library.

const FRAME = "\ufffd";
const CLOSING = "0::";
const packets = []; // all that came, in its order
let stamp = 0; // the time, or the next that is free: no two requests are the same

// As Socket.IO 0.9 did it: lengths are JavaScript's, in UTF-16 code units.
function decodePayload(data) {
  if (data[0] !== FRAME) return [data];
  const found = [];
  for (let at = 0; at < data.length; ) {
    const end = data.indexOf(FRAME, at + 1);
    const length = Number(data.slice(at + 1, end));
    found.push(data.slice(end + 1, end + 1 + length));
    at = end + 1 + length;
  }
  return found;
}

// In lines of JSON an object is a message; another packet is [type] or [type,data].
function packetOf(line) {
  return line.startsWith("{") ? `4:::${line}` : `${line[1]}::`;
}

function lineOf(packet) {
  return packet.startsWith("4:::{") ? packet.slice(4) : `[${packet[0]}]`;
}

function bodyOf(transport, payload) {
  if (transport !== "http-stream") return payload;
  return decodePayload(payload).map((packet) => `${lineOf(packet)}\n`).join("");
}

function take(payload) {
  packets.push(...decodePayload(payload));
}

function get(url, onText) {
  return new Promise((resolve, reject) => {
    const xhr = new XMLHttpRequest();
    let read = 0;
    xhr.open("GET", url);
    xhr.onprogress = () => onText && (read += onText(xhr.responseText.slice(read)));
    xhr.onload = () => (xhr.status === 200 ? resolve(xhr.responseText) : reject(xhr.status));
    xhr.onerror = reject;
    xhr.send();
  });
}

function script(url) {
  return new Promise((resolve, reject) => {
    const element = document.createElement("script");
    element.src = url;
    element.onload = () => resolve(element.remove());
    element.onerror = reject;
    document.body.append(element);
  });
}

const over = () => packets.includes(CLOSING);

const READ = {
  "xhr-polling": async (url) => {
    while (!over()) take(await get(url()));
  },
  "jsonp-polling": async (url) => {
    window.io = { j: [take] };
    while (!over()) await script(`${url()}&i=0`);
  },
  // Firefox cut the parts itself. What is handed over today is the response as it stands.
  "xhr-multipart": (url) => {
    const [first, type, end] = ["--socketio\n", "Content-Type: text/plain\n\n", "\n--socketio\n"];
    return get(url(), (text) => {
      const parts = text.split(end);
      const rest = parts.pop();
      for (const part of parts) take(part.slice(part.indexOf(type) + type.length));
      return text.length - rest.length;
    });
  },
  htmlfile: (url) => {
    window.s = { _: take };
    const frame = document.createElement("iframe");
    frame.src = url();
    document.body.append(frame);
    return new Promise((resolve) => (frame.onload = resolve));
  },
  "http-stream": async (url) => {
    const reader = (await fetch(url())).body.pipeThrough(new TextDecoderStream()).getReader();
    for (let rest = ""; ; ) {
      const { done, value } = await reader.read();
      if (done) return;
      const lines = (rest + value).split("\n");
      rest = lines.pop();
      for (const line of lines) take(packetOf(line));
    }
  },
  sse: (url) => {
    const source = new EventSource(url());
    source.onmessage = (event) => take(event.data);
    return new Promise((resolve) => {
      source.onerror = () => resolve(source.close());
    });
  },
};

function postForm(url, payload) {
  return new Promise((resolve) => {
    const frame = document.createElement("iframe");
    frame.name = "answer";
    document.body.append(frame);
    const form = document.createElement("form");
    Object.assign(form, { method: "POST", action: url, target: "answer", acceptCharset: "utf-8" });
    const field = document.createElement("textarea");
    Object.assign(field, { name: "d", value: JSON.stringify(payload) });
    form.append(field);
    document.body.append(form);
    frame.onload = () => resolve([form.remove(), frame.remove()]);
    form.submit();
  });
}

async function handshake(transport) {
  const root = "/socket.io/1/";
  if (transport !== "jsonp-polling") return (await get(root)).split(":");
  let told;
  window.io = { j: [(text) => (told = text)] };
  await script(`${root}?jsonp=0`);
  return told.split(":");
}

window.visit = async (transport) => {
  const [session] = await handshake(transport);
  const url = () => `/socket.io/1/${transport}/${session}?t=${(stamp = Math.max(Date.now(), stamp + 1))}`;
  window.reading = READ[transport](url);
  window.send = (payload) =>
    transport === "jsonp-polling"
      ? postForm(url(), payload)
      : fetch(url(), { method: "POST", body: bodyOf(transport, payload) }).then((answer) => answer.text());
};
