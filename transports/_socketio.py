"""Shared by the Socket.IO wires: the room as an application on python-socketio, and its client.

An event's name is the command's or event's type, its argument the payload, the reply is the
acknowledgement; rooms are Socket.IO's own. Each wire's file says just which transports it allows.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator, Callable, Coroutine, Mapping, Sequence
from contextlib import asynccontextmanager
from functools import partial
from typing import Any, ClassVar, Literal

import aiohttp
import engineio.payload
import msgspec
import socketio
import socketio.exceptions
import socketio.packet
from aiohttp import web

from lab.chat import commands, events
from lab.chat.commands import Command
from lab.chat.effects import Member
from lab.chat.events import LoggedEvent, RoomEvent, Why
from lab.contract import (
    Address,
    Capability,
    Chat,
    Connection,
    ConnectionClosedError,
    ConnectOptions,
    ServeOptions,
    Settings,
    Stack,
    Transport,
    netloc,
)
from transports import _aiohttp
from transports._socketio_engine import BoundedQueue, Engine
from transports._versions import PYTHON, installed

CAPABILITIES = frozenset(
    {
        Capability.SOCKET,
        Capability.HEARTBEAT,
        Capability.BOUNDED_QUEUE,
        Capability.FRAME_LIMIT,
        Capability.ORIGIN,
    }
)

CLIENT_GOODBYE_S = 0.9
"""How long a client's own disconnect may take before its tasks are ended by force."""

STOCK_PACKETS_PER_PAYLOAD = engineio.payload.Payload.max_decode_packets
PACKETS_PER_PAYLOAD = {"equal": 100_000, "stock": STOCK_PACKETS_PER_PAYLOAD}
"""How many packets one HTTP body may hold. The library's 16 loses a burst of 17 without a word; the
size of a body is bounded all the same. Process-wide in python-engineio."""

# A peer that breaks the protocol is answered in the protocol; it is no error of this program.
_log = logging.getLogger("transports.socketio")
_log.setLevel(logging.CRITICAL)


class _Json:
    """The JSON of the native wires, in the shape of the standard library's module."""

    @staticmethod
    def dumps(value: object, **_options: object) -> str:
        return msgspec.json.encode(value).decode()

    @staticmethod
    def loads(text: str | bytes) -> Any:
        try:
            return msgspec.json.decode(text)
        except (msgspec.DecodeError, RecursionError) as error:
            raise ValueError(str(error)) from None


class _EqualPacket(socketio.packet.Packet):  # type: ignore[misc]
    json = _Json


PACKET = {"equal": _EqualPacket, "stock": socketio.packet.Packet}
"""The packet class carries the JSON module; as `serializer` it is not process-wide."""


class _SocketioServer(socketio.AsyncServer):  # type: ignore[misc]
    def _engineio_server_class(self) -> type[Engine]:
        return Engine


class _Server:
    """The application: Socket.IO handlers in, Socket.IO emits out.

    Emits are coroutines and the room's effects are not: one task carries them out in their order,
    so that an acknowledgement leaves before the replay, and the replay before anything newer.
    """

    address: Address

    def __init__(self, chat: Chat, options: ServeOptions, transports: Sequence[str]) -> None:
        self._chat = chat
        self._members: dict[str, Member] = {}
        self._sids: dict[Member, str] = {}
        self._sockets: dict[str, Any] = {}
        self._todo: asyncio.Queue[Callable[[], Coroutine[Any, Any, None]]] = asyncio.Queue()
        self._tasks: set[asyncio.Task[None]] = set()
        self.sio = _SocketioServer(
            async_mode="aiohttp",
            transports=list(transports),
            allow_upgrades="websocket" in transports,
            cors_allowed_origins=None if options.origins is None else list(options.origins),
            max_http_buffer_size=chat.limits.frame_bytes,
            queue_bytes=chat.limits.queue_bytes,
            serializer=PACKET[options.settings],
            logger=_log,
            engineio_logger=_log,
            **_server_settings(options),
        )
        self.sio.on("connect", self._connected)
        self.sio.on("disconnect", self._disconnected)
        for name in commands.NAMES:
            self.sio.on(name, partial(self._command, name))
        self.sio.on("*", self._command)

    @property
    def engine(self) -> Engine:
        engine: Engine = self.sio.eio
        return engine

    def sessions(self) -> int:
        return self.engine.sessions()

    # In: what python-socketio calls.

    def _connected(self, sid: str, environ: Mapping[str, Any] | None = None, *_: object) -> Any:
        if environ is None or sid in self._members:  # a client's own event that is called so
            return self._command("connect", sid, environ)
        member = self._chat.attach(self)
        self._members[sid] = member
        self._sids[member] = sid
        eio_sid = self.sio.manager.eio_sid_from_sid(sid, "/")
        self._sockets[sid] = self.engine.sockets[eio_sid]
        queue: BoundedQueue = self._sockets[sid].queue

        def drop() -> None:
            self._chat.detach(member, "slow_consumer")
            queue.on_overflow = None
            self._start(self.engine.drop(eio_sid))

        queue.on_overflow = drop
        return None

    def _disconnected(self, sid: str, reason: str | None = None, *_: object) -> Any:
        if self.sio.manager.is_connected(sid, "/"):  # a client's own event that is called so
            return self._command("disconnect", sid, reason)
        member = self._members.pop(sid)
        said_goodbye = getattr(self._sockets.pop(sid), "said_goodbye", False)
        self._chat.detach(member, "closed" if said_goodbye else self._why(reason))
        del self._sids[member]
        return None

    def _why(self, reason: str | None) -> Why:
        in_order = (self.sio.reason.CLIENT_DISCONNECT, self.sio.reason.SERVER_DISCONNECT)
        return "closed" if reason in in_order else "lost"

    def _command(self, name: str, sid: str, payload: object = None, *_: object) -> Any:
        """Handle one event; what is returned becomes the acknowledgement."""
        replies: list[events.Reply] = []
        try:
            command = commands.convert(name, payload, 0)
            self._chat.receive(self._members[sid], command, replies.append)
        except commands.BadCommandError as bad:
            replies.append(bad.refusal)
        return events.reply_to_payload(replies[0]) if replies else None

    # Out: what the room calls.

    def enter(self, member: Member, room: str) -> None:
        self._in_turn(self._enter, self._sids[member], room)

    def exit(self, member: Member, room: str) -> None:
        self._in_turn(self.sio.leave_room, self._sids[member], _room(room))

    def broadcast(self, room: str, event: RoomEvent, skip: Member | None) -> None:
        self._emit(event, _room(room), None if skip is None else self._sids.get(skip))

    def deliver(self, member: Member, missed: Sequence[LoggedEvent]) -> None:
        for event in missed:
            self._emit(event, self._sids[member], None)

    def _emit(self, event: RoomEvent, to: str, skip_sid: str | None) -> None:
        name, payload = events.name_of(event), events.to_payload(event)
        self._in_turn(self.sio.emit, name, payload, to=to, skip_sid=skip_sid)

    async def _enter(self, sid: str, room: str) -> None:
        if self.sio.manager.is_connected(sid, "/"):  # it may have gone in the meantime
            await self.sio.enter_room(sid, _room(room))

    def _in_turn(self, job: Callable[..., Any], *args: Any, **kwargs: Any) -> None:
        self._todo.put_nowait(partial(job, *args, **kwargs))

    async def _carry_out(self) -> None:
        while True:
            job = await self._todo.get()
            await job()

    # From start to end.

    def start(self) -> None:
        """Begin to carry out effects."""
        self._start(self._carry_out())

    def _start(self, work: Coroutine[Any, Any, None]) -> None:
        task = asyncio.ensure_future(work)
        self._tasks.add(task)
        task.add_done_callback(self._finished)

    def _finished(self, task: asyncio.Task[None]) -> None:
        self._tasks.discard(task)
        if not task.cancelled() and task.exception() is not None:
            task.get_loop().call_exception_handler(
                {"message": "the Socket.IO outlet failed", "exception": task.exception()}
            )

    async def shut_down(self, _app: web.Application) -> None:
        await self.engine.say_goodbye()

    async def stop(self) -> None:
        """End every task."""
        await self.engine.stop()
        for task in list(self._tasks):
            task.cancel()
        if self._tasks:
            await asyncio.wait(self._tasks)


def _room(name: str) -> str:
    """Socket.IO keeps a room called after each sid; a chat room must not be mistaken for one."""
    return f"room {name}"


class _Connection(Connection):
    """The client's side: python-socketio's client, which reads in a task of its own."""

    def __init__(
        self,
        on_event: Callable[[RoomEvent], None],
        transports: Sequence[str],
        options: ConnectOptions,
    ) -> None:
        super().__init__(on_event)
        self._transports = transports
        self._own_http = _own_http(options)
        self._ws: aiohttp.ClientWebSocketResponse[bool] | None = None
        self._leaving = False
        self._releasing: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._releasing.set_result(None)
        self._sio = socketio.AsyncClient(
            reconnection=False,
            handle_sigint=False,
            serializer=PACKET[options.settings],
            request_timeout=2 * options.timeout_s,  # so that the deadline here comes first
            logger=_log,
            engineio_logger=_log,
            http_session=options.pool or self._own_http,
            websocket_extra_options={
                "max_msg_size": options.frame_bytes,
                "timeout": aiohttp.ClientWSTimeout(ws_close=_aiohttp.CLOSE_TIMEOUT_S),
            },
        )
        self._sio.on("*", self._event)
        self._sio.on("disconnect", self._disconnected)

    async def open(self, url: str, options: ConnectOptions) -> None:
        """Connect.

        Raises:
            ConnectionRefusedError: nobody listens, or the server said no.
        """
        try:
            async with asyncio.timeout(options.timeout_s):
                await self._sio.connect(
                    url,
                    headers=dict(options.headers),
                    transports=list(self._transports),
                    wait_timeout=options.timeout_s,
                )
            self._ws = self._sio.eio.ws
        except socketio.exceptions.ConnectionError as refused:
            await self.close()
            raise ConnectionRefusedError(str(refused)) from refused
        except BaseException:
            await self.close()
            raise

    def _event(self, name: str, payload: object = None, *_: object) -> None:
        self._received(events.from_payload(name, payload))

    def _disconnected(self, reason: str | None = None) -> None:
        self._ended(str(reason))
        if not self._leaving:
            self._leaving = True
            self._releasing = asyncio.ensure_future(self._release())

    async def _release(self) -> None:
        """After the server's goodbye: let the library finish, then close what is ours."""
        await self._sio.eio.wait()
        await self._close_http()

    async def _close_http(self) -> None:
        """Close what the library forgets when a line has gone silent."""
        if self._ws is not None:
            await self._ws.close()
        if self._own_http is not None:
            await self._own_http.close()

    async def send(self, command: Command) -> None:
        wanted = not isinstance(command, commands.Typing)
        name, payload = commands.name_of(command), commands.to_payload(command)
        await self._emit(name, payload, command.id if wanted else None)

    async def send_untyped(self, name: str, payload: Mapping[str, Any], command_id: int) -> None:
        await self._emit(name, payload, command_id)

    async def _emit(self, name: str, payload: Mapping[str, Any], command_id: int | None) -> None:
        self._check_open()
        acknowledged = None if command_id is None else partial(self._acknowledged, command_id)
        try:
            await self._sio.emit(name, payload, callback=acknowledged)
        except socketio.exceptions.BadNamespaceError as closed:
            raise ConnectionClosedError(str(closed)) from None

    def _acknowledged(self, command_id: int, payload: object = None) -> None:
        self._replied(events.reply_from_payload(payload, command_id))

    async def close(self) -> None:
        self._leaving = True
        try:
            async with asyncio.timeout(CLIENT_GOODBYE_S):
                await self._sio.disconnect()
                await self._releasing
        except TimeoutError:
            await self._give_up()
        await self._close_http()
        self._ended("closed")

    async def _give_up(self) -> None:
        """End what the library leaves behind when the server does not answer the goodbye."""
        engine = self._sio.eio
        left = [task for task in (engine.read_loop_task, engine.write_loop_task) if task]
        for task in left:
            task.cancel()
        if left:
            await asyncio.wait(left)
        if engine.http is not None and not engine.external_http:
            await engine.http.close()


def _own_http(options: ConnectOptions) -> aiohttp.ClientSession | None:
    """Under `equal`, HTTP that does not repeat a GET by itself.

    When a line breaks, aiohttp repeats an idempotent request on a new connection. A poll is not
    idempotent: the packets of the first answer are gone, the session lives on, and nobody learns
    of the gap. Here the break ends the connection, which is then resumed from the room's log.
    """
    if options.settings == "stock" or options.pool is not None:
        return None
    session = aiohttp.ClientSession()
    session._retry_connection = False  # aiohttp's own test client sets it so; there is no option
    return session


class SocketioTransport(Transport):
    """A Socket.IO wire: python-socketio on aiohttp, restricted to `transports`."""

    transports: ClassVar[Sequence[Literal["polling", "websocket"]]]

    def stack(self) -> Stack:
        """See `Transport`."""
        return Stack(
            language=PYTHON,
            server=installed("python-socketio"),
            client=installed("python-socketio"),
            http=installed("aiohttp"),
        )

    def knobs(self, settings: Settings) -> Mapping[str, str]:
        """See `Transport`."""
        stock = settings == "stock"
        return {
            "transports": ", ".join(self.transports),
            "compression": "gzip from 1024 B, permessage-deflate where offered"
            if stock
            else "none",
            "heartbeat": "25 s + 20 s, by the server",
            "json": "the standard library's" if stock else "msgspec",
            "packets per payload": f"at most {PACKETS_PER_PAYLOAD[settings]}",
            "POST bodies": "as far as one read goes" if stock else "read to their end",
            "broken poll": "repeated, its packets lost" if stock else "ends the connection",
            "handlers": "a task for each event" if stock else "in order, no task of their own",
        }

    @asynccontextmanager
    async def serve(self, chat: Chat, options: ServeOptions) -> AsyncIterator[_Server]:
        """See `Transport`."""
        engineio.payload.Payload.max_decode_packets = PACKETS_PER_PAYLOAD[options.settings]
        server = _Server(chat, options, self.transports)
        app = web.Application(client_max_size=chat.limits.frame_bytes)
        server.sio.attach(app)
        app.on_shutdown.append(server.shut_down)
        try:
            async with _aiohttp.listening(app, options) as port:
                server.start()
                server.address = self._address(options.host, port)
                yield server
        finally:
            await server.stop()

    @asynccontextmanager
    async def pool(self) -> AsyncIterator[aiohttp.ClientSession]:
        """See `Transport`."""
        async with aiohttp.ClientSession() as session:
            session._retry_connection = False  # see _own_http
            yield session

    def _address(self, host: str, port: int) -> Address:
        upgrade = f"ws://{netloc(host, port)}/socket.io/?EIO=4&transport=websocket"
        return Address(
            url=f"http://{netloc(host, port)}",
            host=host,
            port=port,
            websocket_url=upgrade if "websocket" in self.transports else None,
        )

    async def connect(
        self, url: str, on_event: Callable[[RoomEvent], None], options: ConnectOptions
    ) -> Connection:
        """See `Transport`."""
        engineio.payload.Payload.max_decode_packets = PACKETS_PER_PAYLOAD[options.settings]
        connection = _Connection(on_event, self.transports, options)
        await connection.open(url, options)
        return connection


def _server_settings(options: ServeOptions) -> dict[str, Any]:
    if options.settings == "stock":
        return {"websocket_compression": True, "whole_bodies": False}
    return {
        "websocket_compression": False,
        "whole_bodies": True,
        "http_compression": False,
        "async_handlers": False,
        "ping_interval": options.heartbeat.interval_s,
        "ping_timeout": options.heartbeat.timeout_s,
    }
