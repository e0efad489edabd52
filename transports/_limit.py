"""Shared by the limit rows: a yardstick's room, and sockets with nothing around them.

What a server of the wire `websocket` has to do for its members at the least: the handshake, `join`,
`say`, and the same bytes to each. What is left out is said in docs/tuned.md.
"""

from __future__ import annotations

import asyncio
import socket
from abc import ABC, abstractmethod
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager

import msgspec

from lab.chat import events
from lab.chat.events import Joined, RoomEvent
from lab.contract import (
    Address,
    Capability,
    Chat,
    Connection,
    ConnectOptions,
    ServeOptions,
    Settings,
    Stack,
    Transport,
    netloc,
)
from lab.service import wall_clock_ms
from transports import _tuned_serving
from transports._native_client import connect_native
from transports._tuned_frames import (
    CLOSE,
    GOING_AWAY,
    TEXT,
    UNSUPPORTED_DATA,
    BrokenError,
    Frames,
    close_frame,
    frame,
)
from transports._tuned_handshake import accept
from transports._tuned_http import RefusedError, parse, refusal
from transports._versions import PYTHON, installed

RECEIVE_BYTES = 64 * 1024
_END_OF_HEAD = b"\r\n\r\n"


class _Join(msgspec.Struct, tag_field="type", tag="join"):
    id: int
    room: str
    name: str


class _Say(msgspec.Struct, tag_field="type", tag="say"):
    """As it came: what is said is passed on as the JSON that it is."""

    id: int
    text: msgspec.Raw


_decode = msgspec.json.Decoder(_Join | _Say).decode


class Line:
    """One connection. It is written to at once; what the kernel does not take waits."""

    def __init__(self, sock: socket.socket, server: Server) -> None:
        self.sock = sock
        self.room: Room | None = None
        self.name = b""
        self._server = server
        self._head: bytes | None = b""
        self._frames = Frames(server.frame_bytes)
        self._waiting = bytearray()
        server.loop.add_reader(sock, self._readable)

    def send(self, data: bytes) -> None:
        """Hand it to the kernel."""
        if self._waiting:
            self._waiting += data
            if len(self._waiting) > self._server.queue_bytes:
                self._server.loop.call_soon(self.close)  # a room may be going over its members
            return
        try:
            sent = self.sock.send(data)
        except BlockingIOError:
            sent = 0
        except OSError:
            return  # the reading side sees the same end
        if sent < len(data):
            self._waiting += data[sent:]
            self._server.loop.add_writer(self.sock, self._writable)

    def _writable(self) -> None:
        try:
            del self._waiting[: self.sock.send(self._waiting)]
        except BlockingIOError:
            return
        except OSError:
            self._waiting.clear()
        if not self._waiting:
            self._server.loop.remove_writer(self.sock)

    def close(self, last: bytes = b"") -> None:
        """Say a last word, and be gone."""
        if self.sock.fileno() < 0:
            return
        if last:
            self.send(last)
        self._server.loop.remove_reader(self.sock)
        self._server.loop.remove_writer(self.sock)
        self._server.lines.discard(self)
        if self.room is not None:
            self.room.members.remove(self)
        self.sock.close()

    def _readable(self) -> None:
        try:
            data = self.sock.recv(RECEIVE_BYTES)
        except BlockingIOError:
            return
        except OSError:
            data = b""
        if not data:
            self.close()
        elif self._head is None:
            self._take(data)
        else:
            self._shake_hands(self._head + data)

    def _shake_hands(self, head: bytes) -> None:
        self._head = head
        found = head.find(_END_OF_HEAD)
        if found < 0:
            return
        try:
            response = accept(parse(head[:found]))
        except RefusedError as refused:
            self.close(refusal(refused))
            return
        self._head = None
        self.send(response)
        if rest := head[found + len(_END_OF_HEAD) :]:
            self._take(rest)

    def _take(self, data: bytes) -> None:
        try:
            for opcode, payload in self._frames.receive(data):
                if opcode == CLOSE:
                    self.close(frame(CLOSE, payload))
                    return
                self._obey(_decode(payload))
        except BrokenError as broken:
            self.close(close_frame(broken.code, broken.reason))
        except msgspec.DecodeError:
            self.close(close_frame(UNSUPPORTED_DATA, "a yardstick knows join and say"))
        if self.room is not None:
            self.room.flush()

    def _obey(self, command: _Join | _Say) -> None:
        if isinstance(command, _Say):
            if self.room is not None:
                self.room.say(self, command)
        elif self.room is None:
            self.room = self._server.room(command.room)
            self.room.join(self, command)


class Room(ABC):
    """Who is sent the same. The numbers are those of a room whose members only arrive."""

    def __init__(self, name: str) -> None:
        self.name = msgspec.json.encode(name)
        self.members: list[Line] = []
        self.seq = 0

    def join(self, line: Line, command: _Join) -> None:
        """Let a connection in. Nobody else is told of it."""
        self.flush()
        self.seq += 1
        line.name = msgspec.json.encode(command.name)
        self.members.append(line)
        there = [msgspec.json.decode(member.name) for member in self.members]
        reply = Joined(command.id, command.room, command.name, there, self.seq, truncated=False)
        line.send(frame(TEXT, events.encode(reply)))

    def say(self, line: Line, command: _Say) -> None:
        """The message for each, and its speaker's reply: the bytes that `websocket` sends."""
        self.seq += 1
        at = wall_clock_ms()
        message = b'{"type":"message","room":%b,"seq":%d,"name":%b,"text":%b,"at":%d}' % (
            self.name,
            self.seq,
            line.name,
            bytes(command.text),
            at,
        )
        said = b'{"type":"said","id":%d,"room":%b,"seq":%d,"at":%d}' % (
            command.id,
            self.name,
            self.seq,
            at,
        )
        self.deliver(frame(TEXT, message), line, frame(TEXT, said))

    @abstractmethod
    def deliver(self, message: bytes, speaker: Line, said: bytes) -> None:
        """Send a message to each, and its speaker the reply."""

    @abstractmethod
    def flush(self) -> None:
        """All that came over one connection in a turn is taken: send what is still there."""


class Server:
    """A listening socket, its connections and their rooms."""

    address: Address

    def __init__(self, chat: Chat, new_room: Callable[[str], Room]) -> None:
        self.loop = asyncio.get_running_loop()
        self.frame_bytes = chat.limits.frame_bytes
        self.queue_bytes = chat.limits.queue_bytes
        self._new_room = new_room
        self._rooms: dict[str, Room] = {}
        self.lines: set[Line] = set()

    def sessions(self) -> int:
        """See `contract.Server`."""
        return len(self.lines)

    def room(self, name: str) -> Room:
        """The room of that name. It stays when everybody has gone."""
        if name not in self._rooms:
            self._rooms[name] = self._new_room(name)
        return self._rooms[name]

    async def accept(self, listening: socket.socket) -> None:
        """Let everybody in, until cancelled."""
        while True:
            try:
                sock, _address = await self.loop.sock_accept(listening)
            except OSError:
                await asyncio.sleep(_tuned_serving.PAUSE_S)
                continue
            sock.setblocking(False)
            self.lines.add(Line(sock, self))


class Limit(Transport):
    """A yardstick: not the room, but what no server of it can do without."""

    capabilities = frozenset({Capability.SOCKET, Capability.WEBSOCKET, Capability.NATIVE_FRAMES})
    room: Callable[[str], Room]
    writes: str

    def new_event_loop(self) -> Callable[[], asyncio.AbstractEventLoop] | None:
        """See `Transport`."""
        return _tuned_serving.new_event_loop()

    def stack(self) -> Stack:
        """See `Transport`."""
        return Stack(
            language=PYTHON, server=installed("transport-lab"), client=installed("websockets")
        )

    def knobs(self, settings: Settings) -> Mapping[str, str]:
        """See `Transport`."""
        return {
            "compression": "none",
            "heartbeat": "none",
            "event loop": _tuned_serving.event_loop(),
            "writes": self.writes,
            "room": "one for each connection, join and say alone: no limits, no log",
        }

    @asynccontextmanager
    async def serve(self, chat: Chat, options: ServeOptions) -> AsyncIterator[Server]:
        """See `Transport`."""
        server = Server(chat, self.room)
        with await _tuned_serving.bound(options.host, options.port) as listening:
            port = listening.getsockname()[1]
            url = f"ws://{netloc(options.host, port)}/"
            server.address = Address(url, options.host, port, websocket_url=url)
            accepting = asyncio.ensure_future(server.accept(listening))
            try:
                yield server
            finally:
                accepting.cancel()
                await asyncio.wait([accepting])
                for line in list(server.lines):
                    line.close(close_frame(GOING_AWAY))

    async def connect(
        self, url: str, on_event: Callable[[RoomEvent], None], options: ConnectOptions
    ) -> Connection:
        """See `Transport`."""
        return await connect_native(url, on_event, options)
