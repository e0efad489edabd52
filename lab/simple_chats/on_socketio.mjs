// A simple chat on Socket.IO, in JavaScript: the server with `socket.io`, the client with
// `socket.io-client`.

export class Chat {
  constructor({ Server }, http) {
    this.server = new Server(http);
    this.server.on("connection", (socket) => {
      socket.on("join", (room) => socket.join(room));
      socket.on("message", (room, text) => this.server.to(room).emit("message", text));
    });
  }
}

export class Client {
  constructor({ io }, url, room, onMessage) {
    this.room = room;
    this.socket = io(url);
    this.socket.on("connect", () => this.socket.emit("join", room));
    this.socket.on("message", onMessage);
  }

  say(text) {
    this.socket.emit("message", this.room, text);
  }

  close() {
    this.socket.disconnect();
  }
}
