// A simple chat on native WebSocket, in JavaScript: the server with `ws`, the client with the
// WebSocket of a browser or of `ws`.

export class Chat {
  rooms = new Map();

  constructor({ WebSocketServer }, http) {
    this.server = new WebSocketServer({ server: http });
    this.server.on("connection", (socket) => {
      socket.on("message", (line) => this.take(socket, JSON.parse(line)));
      socket.on("close", () => this.leave(socket));
    });
  }

  take(socket, { type, room, text }) {
    if (type === "join") {
      if (!this.rooms.has(room)) this.rooms.set(room, new Set());
      this.rooms.get(room).add(socket);
    } else if (type === "message") {
      const line = JSON.stringify({ text });
      for (const member of this.rooms.get(room) ?? []) member.send(line);
    }
  }

  leave(socket) {
    for (const members of this.rooms.values()) members.delete(socket);
  }
}

const FIRST_DELAY_MS = 100;
const LONGEST_DELAY_MS = 5000;

export class Client {
  delay = FIRST_DELAY_MS;

  constructor({ WebSocket }, url, room, onMessage) {
    Object.assign(this, { WebSocket, url, room, onMessage });
    this.connect();
  }

  connect() {
    this.socket = new this.WebSocket(this.url);
    this.socket.onopen = () => {
      this.delay = FIRST_DELAY_MS;
      this.send({ type: "join", room: this.room });
    };
    this.socket.onmessage = ({ data }) => this.onMessage(JSON.parse(data).text);
    this.socket.onerror = () => {};
    this.socket.onclose = () => this.again();
  }

  again() {
    this.timer = setTimeout(() => this.connect(), this.delay);
    this.delay = Math.min(2 * this.delay, LONGEST_DELAY_MS);
  }

  say(text) {
    this.send({ type: "message", room: this.room, text });
  }

  send(event) {
    this.socket.send(JSON.stringify(event));
  }

  close() {
    this.socket.onclose = null;
    clearTimeout(this.timer);
    this.socket.close();
  }
}
