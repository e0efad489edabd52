"""Shared by the Socket.IO wires: the room as an application on python-socketio.

An event's name is the command's or event's type, its argument the payload, the reply is the
acknowledgement; rooms are Socket.IO's own.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine, Mapping, Sequence
from functools import partial
from typing import Any

import socketio
from aiohttp import web

from lab.chat import commands, events
from lab.chat.effects import Member
from lab.chat.events import LoggedEvent, RoomEvent, Why
from lab.contract import Address, Chat, ServeOptions
from transports._socketio_engine import BoundedQueue, Engine
from transports._socketio_packets import LOG, PACKET


class _SocketioServer(socketio.AsyncServer):  # type: ignore[misc]
    def _engineio_server_class(self) -> type[Engine]:
        return Engine


class Server:
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
            logger=LOG,
            engineio_logger=LOG,
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


def _server_settings(options: ServeOptions) -> dict[str, Any]:
    if options.settings == "stock":
        return {"websocket_compression": True, "mended": False}
    return {
        "websocket_compression": False,
        "mended": True,
        "http_compression": False,
        "async_handlers": False,
        "ping_interval": options.heartbeat.interval_s,
        "ping_timeout": options.heartbeat.timeout_s,
    }
