// The server broadcast of ws's README: "A client WebSocket broadcasting to every other connected
// WebSocket clients, excluding itself" (https://github.com/websockets/ws#server-broadcast).
const WebSocket = require('ws');

const wss = new WebSocket.WebSocketServer({ host: '127.0.0.1', port: Number(process.argv[2]) });

wss.on('connection', function connection(ws) {
  ws.on('error', console.error);

  ws.on('message', function message(data, isBinary) {
    wss.clients.forEach(function each(client) {
      if (client !== ws && client.readyState === WebSocket.OPEN) {
        client.send(data, { binary: isBinary });
      }
    });
  });
});
