import { createHash } from "node:crypto";
import { createServer } from "node:http";

const PORT = process.env.PORT ?? 3000;
const GREETING = "hello 안녕";

const digest = (text) => createHash("sha1").update(text).digest("base64");

const http = createServer();

http.on("upgrade", (request, socket) => {
  socket.on("error", () => {}); // A client may hang up at any time.
  const key = request.headers["sec-websocket-key"];
  socket.write(
    "HTTP/1.1 101 Switching Protocols\r\n" +
      "Upgrade: websocket\r\n" +
      "Connection: Upgrade\r\n" +
      `Sec-WebSocket-Accept: ${digest(key)}\r\n\r\n`,
  );
  socket.write(GREETING);
});

http.listen(PORT, "127.0.0.1");
