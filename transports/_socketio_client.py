"""Shared by the Socket.IO wires: python-socketio's client, leaving nothing behind at its end."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from typing import Any

import aiohttp
import socketio
import socketio.exceptions

from lab.chat import commands, events
from lab.chat.commands import Command
from lab.chat.events import RoomEvent
from lab.contract import Connection, ConnectionClosedError, ConnectOptions
from transports import _aiohttp
from transports._serving import CLIENT_GOODBYE_S, CLOSE_TIMEOUT_S
from transports._socketio_packets import LOG, PACKET


class SocketioConnection(Connection):
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
            logger=LOG,
            engineio_logger=LOG,
            http_session=options.pool or self._own_http,
            websocket_extra_options={
                "max_msg_size": options.frame_bytes,
                "timeout": aiohttp.ClientWSTimeout(ws_close=CLOSE_TIMEOUT_S),
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
    """Under `equal`, HTTP that does not repeat a GET by itself."""
    if options.settings == "stock" or options.pool is not None:
        return None
    return _aiohttp.unrepeating()
