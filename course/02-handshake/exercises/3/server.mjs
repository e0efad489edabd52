import { createHash } from "node:crypto";
import { createServer } from "node:http";

const PORT = process.env.PORT ?? 3000;
const GREETING = "hello 안녕";
const GUID = "258EAFA5-E914-47DA-95CA-C5AB0DC85B11";

const digest = (text) => createHash("sha1").update(text).digest("base64");

function refusal({ headers }) {
  const key = headers["sec-websocket-key"] ?? "";
  if (headers["sec-websocket-version"] !== "13") {
    return "426 Upgrade Required\r\nSec-WebSocket-Version: 13";
  }
  if (Buffer.from(key, "base64").length !== 16) return "400 Bad Request";
}

// For a text of up to 125 bytes: a longer one has its length in more bytes.
function frame(text) {
  const payload = Buffer.from(text);
  return Buffer.concat([Buffer.from([0x81, payload.length]), payload]);
}

// The text of a short frame from a client: two bytes of header, four of mask, the payload.
function read(data) {
  const [mask, payload] = [data.subarray(2, 6), data.subarray(6)];
  return Buffer.from(payload.map((byte, at) => byte ^ mask[at % 4])).toString();
}

const http = createServer();

http.on("upgrade", (request, socket) => {
  socket.on("error", () => {}); // A client may hang up at any time.
  const refused = refusal(request);
  if (refused) return socket.end(`HTTP/1.1 ${refused}\r\nContent-Length: 0\r\n\r\n`);
  const key = request.headers["sec-websocket-key"];
  socket.write(
    "HTTP/1.1 101 Switching Protocols\r\n" +
      "Upgrade: websocket\r\n" +
      "Connection: Upgrade\r\n" +
      `Sec-WebSocket-Accept: ${digest(key + GUID)}\r\n\r\n`,
  );
  socket.write(frame(GREETING));
  socket.on("data", (data) => {
    if (data[0] === 0x81) socket.write(frame(read(data)));
  });
});

http.listen(PORT, "127.0.0.1");
