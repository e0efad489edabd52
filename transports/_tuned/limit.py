"""The server of the limit transports: the least that a server of `websocket` must do.

It answers the handshake, `join` and `say`, and sends the same bytes as `websocket` to each member.
It is a baseline for the tuned transports; docs/tuned.md lists what it leaves out.
"""

from __future__ import annotations

import asyncio
import socket
from abc import ABC, abstractmethod
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from http import HTTPStatus

import msgspec

from lab.chat import events
from lab.chat.events import Joined
from lab.contract import (
    Address,
    Capability,
    Chat,
    ServeOptions,
    Settings,
    Stack,
)
from lab.service import wall_clock_ms
from transports._codec.frames import (
    CLOSE,
    GOING_AWAY,
    TEXT,
    UNSUPPORTED_DATA,
    BrokenError,
    Frames,
    close_frame,
    frame,
)
from transports._codec.grammar import RefusedError
from transports._codec.handshake import accept
from transports._codec.http import refusal
from transports._codec.requests import Requests
from transports._native.transport import NativeTransport
from transports._shared.serving import PAUSE_S, bound
from transports._shared.tls import accepted, server_context
from transports._shared.versions import PYTHON, installed
from transports._tuned import listener
from transports._tuned.connection import received_bytes


class _Join(msgspec.Struct, tag_field="type", tag="join"):
    id: int
    room: str
    name: str


class _Say(msgspec.Struct, tag_field="type", tag="say"):
    """A message. Its text stays the JSON that came, and is sent on without decoding."""

    id: int
    text: msgspec.Raw


_decode = msgspec.json.Decoder(_Join | _Say).decode


class LimitConnection:
    """One connection. It writes at once; bytes that the kernel does not take wait."""

    def __init__(self, sock: socket.socket, server: LimitServer) -> None:
        self.sock = sock
        self.room: LimitRoom | None = None
        self.name = b""
        self._server = server
        self._requests: Requests | None = Requests(server.frame_bytes)
        self._frames = Frames(server.frame_bytes)
        self._waiting = bytearray()
        server.loop.add_reader(sock, self._readable)
        self._deadline = server.loop.call_later(server.request_timeout_s, self._give_up)

    def send(self, data: bytes) -> None:
        """Give the bytes to the kernel."""
        if self._waiting:
            self._waiting += data
            if len(self._waiting) > self._server.queue_bytes:
                # Not now: a room may be iterating over its members.
                self._server.loop.call_soon(self.close)
            return
        # As in `TunedConnection.take`: a function for both would add a call to each delivery, and
        # the cost of a delivery is what this baseline measures.
        try:
            sent = self.sock.send(data)
        except BlockingIOError:
            sent = 0
        except OSError:
            return  # `_readable` meets the same error, and closes
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
        """Send `last`, if there is any, and close at once."""
        if self.sock.fileno() < 0:
            return
        if last:
            self.send(last)
        self._server.loop.remove_reader(self.sock)
        self._server.loop.remove_writer(self.sock)
        self._server.connections.discard(self)
        self._deadline.cancel()
        if self.room is not None:
            self.room.members.remove(self)
        self.sock.close()

    def _readable(self) -> None:
        data = received_bytes(self.sock)
        if data is None:
            return
        if not data:
            self.close()
        elif self._requests is None:
            self._take(data)
        else:
            self._handshake(self._requests, data)

    def _handshake(self, requests: Requests, data: bytes) -> None:
        requests.feed(data)
        try:
            taken = requests.next()
            response = None if taken is None else accept(taken[0])
        except RefusedError as refused:
            self.close(refusal(refused, bodiless=requests.bodiless))
            return
        if response is None:
            if interim := requests.interim():
                self.send(interim)
            return
        self._requests = None
        self._deadline.cancel()
        self.send(response)
        if rest := requests.rest():
            self._take(rest)

    def _give_up(self) -> None:
        """End a connection whose handshake is not complete in time."""
        begun = self._requests is not None and self._requests.part is not None
        reason = "the rest of the request did not come in time"
        late = RefusedError(HTTPStatus.REQUEST_TIMEOUT, reason)
        self.close(refusal(late) if begun else b"")

    def _take(self, data: bytes) -> None:
        try:
            for opcode, payload in self._frames.receive(data):
                if opcode == CLOSE:
                    self.close(frame(CLOSE, payload))
                    return
                self._execute(_decode(payload))
        except BrokenError as broken:
            self.close(close_frame(broken.code, broken.reason))
        except msgspec.DecodeError:
            self.close(close_frame(UNSUPPORTED_DATA, "this server takes join and say only"))
        if self.room is not None:
            self.room.flush()

    def _execute(self, command: _Join | _Say) -> None:
        if isinstance(command, _Say):
            if self.room is not None:
                self.room.say(self, command)
        elif self.room is None:
            self.room = self._server.room(command.room)
            self.room.join(self, command)


class LimitRoom(ABC):
    """The members that are sent the same. `seq` counts as in a room that no member leaves."""

    def __init__(self, name: str) -> None:
        self.name = msgspec.json.encode(name)
        self.members: list[LimitConnection] = []
        self.seq = 0

    def join(self, connection: LimitConnection, command: _Join) -> None:
        """Add a connection. The other members get no event about it."""
        self.flush()
        self.seq += 1
        connection.name = msgspec.json.encode(command.name)
        self.members.append(connection)
        there = [msgspec.json.decode(member.name) for member in self.members]
        reply = Joined(command.id, command.room, command.name, there, self.seq, truncated=False)
        connection.send(frame(TEXT, events.encode(reply)))

    def say(self, connection: LimitConnection, command: _Say) -> None:
        """Send each member the message, and the sender its reply: the bytes of `websocket`."""
        self.seq += 1
        at = wall_clock_ms()
        message = b'{"type":"message","room":%b,"seq":%d,"name":%b,"text":%b,"at":%d}' % (
            self.name,
            self.seq,
            connection.name,
            bytes(command.text),
            at,
        )
        said = b'{"type":"said","id":%d,"room":%b,"seq":%d,"at":%d}' % (
            command.id,
            self.name,
            self.seq,
            at,
        )
        self.deliver(frame(TEXT, message), connection, frame(TEXT, said))

    @abstractmethod
    def deliver(self, message: bytes, speaker: LimitConnection, said: bytes) -> None:
        """Send a message to each member, and the reply to the sender."""

    @abstractmethod
    def flush(self) -> None:
        """Send what is left, after all bytes of one connection in this turn are handled."""


class LimitServer:
    """A listening socket, its connections, and their rooms."""

    address: Address

    def __init__(
        self, chat: Chat, options: ServeOptions, new_room: Callable[[str], LimitRoom]
    ) -> None:
        self.loop = asyncio.get_running_loop()
        self._tls = server_context(options.tls)
        self.request_timeout_s = options.request_timeout_s
        self.frame_bytes = chat.limits.frame_bytes
        self.queue_bytes = chat.limits.queue_bytes
        self._new_room = new_room
        self._rooms: dict[str, LimitRoom] = {}
        self.connections: set[LimitConnection] = set()

    def sessions(self) -> int:
        """See `contract.Server`."""
        return len(self.connections)

    def room(self, name: str) -> LimitRoom:
        """Return the room of that name. It stays when its last member has left."""
        if name not in self._rooms:
            self._rooms[name] = self._new_room(name)
        return self._rooms[name]

    async def accept(self, listening: socket.socket) -> None:
        """Accept connections until cancelled."""
        while True:
            try:
                sock, _address = await self.loop.sock_accept(listening)
            except OSError:
                await asyncio.sleep(PAUSE_S)
                continue
            try:
                connected = accepted(sock, self._tls)
            except OSError:
                sock.close()
                continue
            self.connections.add(LimitConnection(connected, self))


class Limit(NativeTransport):
    """A baseline: not the room, but the work that every server of the room has to do."""

    capabilities = frozenset(
        {
            Capability.SOCKET,
            Capability.TCP,
            Capability.HTTP_1,
            Capability.WEBSOCKET,
            Capability.NATIVE_FRAMES,
            Capability.OWN_HTTP,
        }
    )
    room: Callable[[str], LimitRoom]
    writes: str

    def new_event_loop(self) -> Callable[[], asyncio.AbstractEventLoop] | None:
        """See `Transport`."""
        return listener.new_event_loop()

    def stack(self) -> Stack:
        """See `Transport`."""
        return Stack(
            language=PYTHON, server=installed("transport-lab"), client=installed("websockets")
        )

    def effective_settings(self, settings: Settings) -> Mapping[str, str]:
        """See `Transport`."""
        return {
            "compression": "none",
            "heartbeat": "none",
            "event loop": listener.event_loop(),
            "writes": self.writes,
            "room": "one for each connection, join and say alone: no limits, no log",
        }

    @asynccontextmanager
    async def serve(self, chat: Chat, options: ServeOptions) -> AsyncIterator[LimitServer]:
        """See `Transport`."""
        server = LimitServer(chat, options, self.room)
        with await bound(options.host, options.port) as listening:
            port = listening.getsockname()[1]
            server.address = self.address_at(options, port)
            accepting = asyncio.ensure_future(server.accept(listening))
            try:
                yield server
            finally:
                accepting.cancel()
                await asyncio.wait([accepting])
                for connection in list(server.connections):
                    connection.close(close_frame(GOING_AWAY))
