"""Socket.IO's server on WebTransport: python-engineio has a stream in place of a WebSocket.

Engine.IO protocol 4.1: the client opens the session with the packet `0` on its one stream, and the
server's answer is the packet that begins every session of Engine.IO. Or the client sends
`0{"sid":"…"}`, and a session that polls goes on here, as on a WebSocket: `2probe`, `3probe`, `5`.
Everything after that is as on a WebSocket, but for the header of each packet (`packets.py`).
"""

from __future__ import annotations

import asyncio
from typing import Any

import msgspec

from lab.contract import ServeOptions
from transports._native.server import POLICY_VIOLATION
from transports._quic import packets
from transports._quic.capsules import Close
from transports._quic.inbox import AwaitedInbox
from transports._quic.messages import Messages
from transports._quic.server import ServerLink
from transports._quic.session import PROTOCOL_ERROR, Ended, Session
from transports._shared.serving import CLOSE_TIMEOUT_S
from transports._socketio.driver import INVALID_PAYLOAD, PeerState
from transports._socketio.engine import Engine, Handler
from transports._socketio.queue import BoundedQueue

PATH = "/socket.io/"
OPEN = "0"
"""The packet by which a client opens a session. With data after it, it is an upgrade."""


class _Polling(msgspec.Struct, frozen=True):
    """The data of that: the session that has been polling until now."""

    sid: str


class PacketStream:
    """The packets of one session. The library takes it for a WebSocket of its driver."""

    def __init__(self, link: ServerLink, most_bytes: int) -> None:
        self.session = Session(link, link.session_id, self._ended)
        self._link = link
        self._inbox = AwaitedInbox(self.session, Messages(packets.read_header, most_bytes))
        self._is_closed = False
        self._peer = PeerState()
        self._queue: BoundedQueue | None = None
        self._socket: Any = None

    def _ended(self, how: Ended) -> None:
        self._is_closed = isinstance(how, Close)
        self._inbox.wake()

    async def carry(self, engine: Engine, handler: Handler) -> None:
        """Let the library's handler read and write here."""
        socket = handler.__self__  # type: ignore[attr-defined]
        self._peer, self._queue, self._socket = engine.peer(socket), socket.queue, socket
        await engine.carry(handler, self)

    def give_up(self) -> None:
        """Close the session, unless the library has taken it over. A polling one stays."""
        if self._socket is None or not self._socket.upgraded:
            self.session.close(PROTOCOL_ERROR, "the upgrade was not completed")

    # What the library calls.

    async def wait(self) -> str | bytes:
        """The next packet.

        Raises:
            ConnectionResetError: the session has ended.
        """
        try:
            return packets.decode(await self._inbox.next())
        except UnicodeDecodeError as error:
            self.session.close(INVALID_PAYLOAD, "a packet of text must be UTF-8")
            raise ConnectionResetError(str(error)) from None
        finally:
            self._peer.sent_close = self._is_closed

    async def send(self, packet: str | bytes) -> None:
        """Send a packet, without waiting: what QUIC can't send counts against the queue's bound."""
        self.session.send(packets.encode(packet))
        if self._queue is not None:
            self._queue.check(self.session.unsent())

    async def close(self) -> None:
        """Close the session, after what the client takes at once."""
        self._link.transmit()
        self.session.close(0, "")

    # What the engine calls.

    async def end(self, code: int) -> None:
        """See `Carrier`."""
        self.session.close(code, "what came is no packet")

    def abort(self) -> None:
        """See `Carrier`."""
        self.session.close(POLICY_VIOLATION, "slow_consumer")


class Host:
    """Opens a session of Engine.IO for each client that asks for it."""

    def __init__(self, engine: Engine, most_bytes: int, options: ServeOptions) -> None:
        self._engine = engine
        self._most_bytes = most_bytes
        self._open_timeout_s = options.request_timeout_s
        self._tasks: set[asyncio.Task[None]] = set()

    def make(self, link: ServerLink) -> Session:
        """Make the session of a link, which waits for the client's first packet."""
        stream = PacketStream(link, self._most_bytes)
        task = asyncio.get_running_loop().create_task(self._serve(stream))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        return stream.session

    async def _serve(self, stream: PacketStream) -> None:
        try:
            async with asyncio.timeout(self._open_timeout_s):
                first = await stream.wait()
        except TimeoutError:
            stream.session.close(PROTOCOL_ERROR, "no packet has opened the session")
        except ConnectionResetError:
            pass
        else:
            await self._open(stream, first)

    async def _open(self, stream: PacketStream, first: str | bytes) -> None:
        if first == OPEN:
            await self._engine.open_on(lambda handler: stream.carry(self._engine, handler))
        elif (polling := _upgrading(first)) is not None:
            await self._upgrade(stream, polling.sid)
        else:
            stream.session.close(PROTOCOL_ERROR, f"a session begins with the packet {OPEN}")

    async def _upgrade(self, stream: PacketStream, sid: str) -> None:
        """The rest of the upgrade has as much time as the first packet had."""
        late = asyncio.get_running_loop().call_later(self._open_timeout_s, stream.give_up)
        try:
            known = await self._engine.upgrade_on(
                sid, lambda handler: stream.carry(self._engine, handler)
            )
        finally:
            late.cancel()
        if known:
            stream.give_up()
        else:
            stream.session.close(PROTOCOL_ERROR, "no session that polls has this sid")

    async def shut_down(self) -> None:
        """Tell each client, and wait until the sessions are closed."""
        await self._engine.close_all()
        if self._tasks:
            await asyncio.wait(self._tasks, timeout=CLOSE_TIMEOUT_S)

    async def stop(self) -> None:
        """End every task."""
        for task in list(self._tasks):
            task.cancel()
        if self._tasks:
            await asyncio.wait(self._tasks)


def _upgrading(first: str | bytes) -> _Polling | None:
    """The session that a first packet names; None if it names none."""
    if not isinstance(first, str) or not first.startswith(OPEN):
        return None
    try:
        return msgspec.json.decode(first.removeprefix(OPEN), type=_Polling)
    except msgspec.DecodeError:
        return None
