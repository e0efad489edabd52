// Socket.IO's get-started chat as its tutorial has it (https://socket.io/docs/v4/tutorial/step-5),
// without express and with a page of one line: it says to everybody what one client says.
const { createServer } = require('node:http');
const { Server } = require('socket.io');

const server = createServer((req, res) => {
  res.end('<h1>Hello world</h1>');
});
const io = new Server(server);

io.on('connection', (socket) => {
  socket.on('chat message', (msg) => {
    io.emit('chat message', msg);
  });
});

server.listen(Number(process.argv[2]), '127.0.0.1');
