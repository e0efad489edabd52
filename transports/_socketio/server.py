"""The room as an application on python-socketio.

The name of a Socket.IO event is the type of the command or room event, its argument is the payload,
and its acknowledgement is the reply. The rooms are those of Socket.IO.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine, Mapping, Sequence
from functools import partial
from typing import Any

import socketio
from aiohttp import web
from socketio import packet

from lab.chat import commands, events
from lab.chat.effects import Member
from lab.chat.events import LoggedEvent, RoomEvent, Why
from lab.chat.limits import Limits
from lab.compression import chosen
from lab.contract import Address, Chat, ServeOptions
from transports._socketio.driver import PeerState
from transports._socketio.engine import Engine
from transports._socketio.json import JSON
from transports._socketio.packets import LOG, BrokenPacketError, Parser
from transports._socketio.queue import BoundedQueue


class _SocketioServer(socketio.AsyncServer):  # type: ignore[misc]
    def _engineio_server_class(self) -> type[Engine]:
        return Engine

    async def _handle_event(
        self, eio_sid: str, namespace: str | None, packet_id: int | None, data: Any
    ) -> None:
        # The library ignores an event of a client that is not connected to its namespace.
        if self.manager.sid_from_eio_sid(eio_sid, namespace or "/") is None:
            raise BrokenPacketError("an event in a namespace that its client is not connected to")
        await super()._handle_event(eio_sid, namespace, packet_id, data)

    async def _handle_event_internal(
        self,
        server: socketio.AsyncServer,
        sid: str,
        eio_sid: str,
        data: Any,
        namespace: str | None,
        packet_id: int | None,
    ) -> None:
        # Nothing is awaited between here and the handler.
        self.handled = eio_sid, packet_id
        await super()._handle_event_internal(server, sid, eio_sid, data, namespace, packet_id)

    async def acknowledge(self, eio_sid: str, packet_id: int, data: Any) -> None:
        """Send an acknowledgement that the handler could not return."""
        acknowledgement = self.packet_class(packet.ACK, namespace="/", id=packet_id, data=[data])
        await self._send_packet(eio_sid, acknowledgement)


def new_server(
    limits: Limits,
    options: ServeOptions,
    transports: Sequence[str],
    page: int | None = None,
    manager: Any = None,
    parser: Parser = JSON,
) -> socketio.AsyncServer:
    """python-socketio's server as the lab configures it, without the handlers of an application.

    `manager`: what joins it to other servers. None: it is alone. `page`: see `Engine`.
    """
    return _SocketioServer(
        async_mode="aiohttp",
        client_manager=manager,
        transports=list(transports),
        allow_upgrades="websocket" in transports,
        cors_allowed_origins="*",  # Host and Origin are checked before the library is called
        max_http_buffer_size=limits.frame_bytes,
        queue_bytes=limits.queue_bytes,
        page=page,
        serializer=parser.packets[options.settings],
        logger=LOG,
        engineio_logger=LOG,
        **_server_settings(options),
    )


class Server:
    """The application: it handles Socket.IO's events, and emits the room's effects.

    The reply to a `join` must reach the client before the replay, and the replay before newer
    events. The library sends the reply as soon as the handler returns it. The effects of the same
    command are only queued in `_todo` meanwhile, and one task emits them in order, so the reply is
    in the connection's packet queue first. On polling all of them may be in one payload: it has
    the order of that queue.
    """

    address: Address

    def __init__(
        self,
        chat: Chat,
        options: ServeOptions,
        transports: Sequence[str],
        page: int | None,
        parser: Parser = JSON,
    ) -> None:
        self._chat = chat
        self._members: dict[str, Member] = {}
        self._sids: dict[Member, str] = {}
        self._peers: dict[str, PeerState] = {}
        self._queues: dict[Member, BoundedQueue] = {}
        self._todo: asyncio.Queue[Callable[[], Coroutine[Any, Any, None]]] = asyncio.Queue()
        self._tasks: set[asyncio.Task[None]] = set()
        self.sio = new_server(chat.limits, options, transports, page, parser=parser)
        self.sio.on("connect", self._connected)
        self.sio.on("disconnect", self._disconnected)
        for name in commands.NAMES:
            self.sio.on(name, partial(self._command, name))
        self.sio.on("*", self._other)

    @property
    def engine(self) -> Engine:
        engine: Engine = self.sio.eio
        return engine

    def sessions(self) -> int:
        return self.engine.sessions()

    # Called by python-socketio.

    def _connected(self, sid: str, environ: Mapping[str, Any] | None = None, *_: object) -> Any:
        if environ is None or sid in self._members:  # a client sent an event named "connect"
            return self._command("connect", sid, environ)
        member = self._chat.attach(self)
        self._members[sid] = member
        self._sids[member] = sid
        eio_sid = self.sio.manager.eio_sid_from_sid(sid, "/")
        socket = self.engine.sockets[eio_sid]
        self._peers[sid] = self.engine.peer(socket)
        queue = self._queues[member] = socket.queue

        def drop() -> None:
            self._chat.detach(member, "slow_consumer")
            queue.on_overflow = None
            self._start(self.engine.drop(eio_sid))

        queue.on_overflow = drop
        return None

    def _disconnected(self, sid: str, reason: str | None = None, *_: object) -> Any:
        if self.sio.manager.is_connected(sid, "/"):  # a client sent an event named "disconnect"
            return self._command("disconnect", sid, reason)
        member = self._members.pop(sid)
        sent_close = self._peers.pop(sid).sent_close
        self._chat.detach(member, "closed" if sent_close else self._why(reason))
        del self._sids[member], self._queues[member]
        return None

    def _why(self, reason: str | None) -> Why:
        in_order = (self.sio.reason.CLIENT_DISCONNECT, self.sio.reason.SERVER_DISCONNECT)
        return "closed" if reason in in_order else "lost"

    def _other(self, name: str, sid: str, payload: object = None, *_: object) -> Any:
        if name in self._members:  # for an event named `*` the library leaves out the name
            return self._command("*", name, sid)
        return self._command(name, sid, payload)

    def _command(self, name: str, sid: str, payload: object = None, *_: object) -> Any:
        """Handle one event. The returned reply becomes the acknowledgement.

        A reply that comes later is sent in order with the effects of the room.
        """
        replies: list[events.Reply] = []
        later = False
        eio_sid, packet_id = self.sio.handled

        def on_reply(reply: events.Reply) -> None:
            if not later:
                replies.append(reply)
            elif packet_id is not None:
                payload = events.reply_to_payload(reply)
                self._in_turn(self.sio.acknowledge, eio_sid, packet_id, payload)

        try:
            command = commands.convert(name, payload, 0)
        except commands.BadCommandError as bad:
            self._chat.refuse(self._members[sid], bad.refusal, on_reply)
            answered = True
        else:
            self._chat.receive(self._members[sid], command, on_reply)
            answered = not isinstance(command, commands.Typing)
        if replies:
            return events.reply_to_payload(replies[0])
        later = True
        return self.sio.not_handled if answered else None

    # Called by the room.

    def enter(self, member: Member, room: str) -> None:
        self._in_turn(self._enter, self._sids[member], room)

    def exit(self, member: Member, room: str) -> None:
        self._in_turn(self.sio.leave_room, self._sids[member], _room(room))

    def broadcast(self, room: str, event: RoomEvent, skip: Member | None) -> None:
        self._emit(event, _room(room), None if skip is None else self._sids.get(skip))

    def deliver(self, member: Member, missed: Sequence[LoggedEvent]) -> None:
        queue = self._queues[member]
        self._in_turn(_at_once, queue.begin_replay)
        for event in missed:
            self._emit(event, self._sids[member], None)
        self._in_turn(_at_once, queue.end_replay)

    def _emit(self, event: RoomEvent, to: str, skip_sid: str | None) -> None:
        name, payload = events.name_of(event), events.to_payload(event)
        self._in_turn(self.sio.emit, name, payload, to=to, skip_sid=skip_sid)

    async def _enter(self, sid: str, room: str) -> None:
        if self.sio.manager.is_connected(sid, "/"):  # else it has left in the meantime
            await self.sio.enter_room(sid, _room(room))

    def _in_turn(self, job: Callable[..., Any], *args: Any, **kwargs: Any) -> None:
        self._todo.put_nowait(partial(job, *args, **kwargs))

    async def _carry_out(self) -> None:
        while True:
            job = await self._todo.get()
            await job()

    # From start to end.

    def start(self) -> None:
        """Start the task that carries out the effects."""
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
        await self.engine.close_all()

    async def stop(self) -> None:
        """End every task."""
        await self.engine.stop()
        for task in list(self._tasks):
            task.cancel()
        if self._tasks:
            await asyncio.wait(self._tasks)


async def _at_once(job: Callable[[], None]) -> None:
    job()


def _room(name: str) -> str:
    """A chat room's name in Socket.IO, which also has a room named after each sid."""
    return f"room {name}"


def _server_settings(options: ServeOptions) -> dict[str, Any]:
    compresses = chosen(options.compression, options.settings).wanted
    compression = {"websocket_compression": compresses, "http_compression": compresses}
    if options.settings == "stock":
        return {**compression, "mended": False}
    return {
        **compression,
        "mended": True,
        "async_handlers": False,
        "ping_interval": options.heartbeat.interval_s,
        "ping_timeout": options.heartbeat.timeout_s,
    }
