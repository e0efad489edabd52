"""The client of the Socket.IO transports, on python-socketio.

It leaves no task and no connection behind when it ends.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from typing import Any, Protocol

import aiohttp
import socketio
import socketio.exceptions

from lab.chat import commands, events
from lab.chat.commands import Command
from lab.chat.events import RoomEvent
from lab.contract import Connection, ConnectionClosedError, ConnectOptions
from transports._shared import aiohttp as aiohttp_server
from transports._shared.serving import CLIENT_CLOSE_S, CLOSE_TIMEOUT_S
from transports._socketio import payload_limit
from transports._socketio.json import JSON
from transports._socketio.packets import LOG, Parser


class Closes(Protocol):
    """What the library uses, and this module closes: an HTTP client of aiohttp's or a WebSocket."""

    async def close(self) -> Any:
        """Close it."""


class SocketioConnection(Connection):
    """A connection of python-socketio's client, which reads in its own task.

    `http`: what the library takes for an HTTP client of aiohttp's, in place of such a client.
    """

    def __init__(
        self,
        on_event: Callable[[RoomEvent], None],
        transports: Sequence[str],
        options: ConnectOptions,
        http: Closes | None = None,
        parser: Parser = JSON,
    ) -> None:
        super().__init__(on_event)
        self._transports = transports
        self._own_http = http or _own_http(options)
        self._ws: Closes | None = None
        self._leaving = False
        self._releasing: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._releasing.set_result(None)
        self._sio = socketio.AsyncClient(
            reconnection=False,
            handle_sigint=False,
            serializer=parser.packets[options.settings],
            request_timeout=2 * options.timeout_s,  # longer than the deadline in `open`
            logger=LOG,
            engineio_logger=LOG,
            http_session=self._own_http or options.pool,
            websocket_extra_options={
                "max_msg_size": options.frame_bytes,
                "timeout": aiohttp.ClientWSTimeout(ws_close=CLOSE_TIMEOUT_S),
                "compress": aiohttp_server.offered_window(options),
            },
        )
        self._sio.on("*", self._event)
        self._sio.on("disconnect", self._disconnected)

    async def open(self, url: str, options: ConnectOptions) -> None:
        """Connect.

        Raises:
            ConnectionRefusedError: no server listens, or it refuses the connection.
            ConnectionError: the connection ended while it upgraded.
            MixedSettingsError: other settings are in use in this process; see `payload_limit`.
        """
        try:
            payload_limit.use(self, options.settings)
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
        except TypeError as lost:  # what the library makes of the close that ends an upgrade
            await self.close()
            raise ConnectionError("the connection ended while it upgraded") from lost
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
        """After a close by the server, let the library finish, and close the HTTP session."""
        await self._sio.eio.wait()
        await self._close_http()

    async def _close_http(self) -> None:
        """Close what the library leaves open when the server no longer answers."""
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

    def _ended(self, reason: str) -> None:
        payload_limit.release(self)
        super()._ended(reason)

    async def close(self) -> None:
        self._leaving = True
        try:
            async with asyncio.timeout(CLIENT_CLOSE_S):
                await self._disconnect()
                await self._releasing
        except TimeoutError:
            await self._give_up()
        await self._close_http()
        self._ended("closed")

    async def _disconnect(self) -> None:
        engine = self._sio.eio
        if engine.state == "connected" and engine.read_loop_task is None:
            # Given up while it upgraded: the library would wait for a task that it has not begun.
            await engine.disconnect(abort=True)
        else:
            await self._sio.disconnect()

    async def _give_up(self) -> None:
        """End the tasks that the library leaves when the server does not answer a close."""
        engine = self._sio.eio
        left = [task for task in (engine.read_loop_task, engine.write_loop_task) if task]
        for task in left:
            task.cancel()
        if left:
            await asyncio.wait(left)
        if engine.http is not None and not engine.external_http:
            await engine.http.close()


def _own_http(options: ConnectOptions) -> aiohttp.ClientSession | None:
    """Under `equal`, an HTTP session that does not repeat a GET by itself.

    Under `stock` the library makes one. It has no option for the authority that it trusts.
    """
    if options.pool is not None:
        return None
    if options.settings == "stock":
        return None if options.tls is None else aiohttp_server.session(options.tls)
    return aiohttp_server.unrepeating(options.tls)
