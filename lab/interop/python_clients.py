"""The Python clients of the matrix: `websockets` and python-socketio, as installed."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable
from time import perf_counter_ns
from typing import Any

import aiohttp
import msgspec
import socketio
import websockets
from websockets.asyncio.client import ClientConnection, connect

from lab.chat import commands, events
from lab.chat.commands import Join
from lab.chat.events import Joined
from lab.interop.outcome import Report, Visit

CLOSE_S = 1.0
"""The longest time in which a client closes; its report is complete before."""

# The libraries' own log messages are left out: the report has what a client says.
_log = logging.getLogger("lab.interop")
_log.setLevel(logging.CRITICAL)


async def native(visit: Visit) -> Report:
    """Connect with `websockets`; one text frame is one command."""
    recorder = AttemptRecorder()
    ws = await recorder.of_opening(connect(visit.url, open_timeout=None, proxy=None), visit)
    if ws is None:
        return recorder.report
    try:
        return await recorder.of_joining(_join(ws, visit), visit)
    finally:
        await _bounded(ws.close())
        ws.transport.abort()


async def socketio_(visit: Visit) -> Report:
    """Connect with python-socketio's client; a command is an event with an acknowledgement."""
    recorder = AttemptRecorder()
    async with aiohttp.ClientSession() as http:
        client = socketio.AsyncClient(
            reconnection=False,
            handle_sigint=False,
            request_timeout=visit.patience_s + CLOSE_S,
            http_session=http,
            logger=_log,
            engineio_logger=_log,
        )
        opening = client.connect(
            visit.url, transports=visit.transports, wait_timeout=visit.patience_s + CLOSE_S
        )
        try:
            if not await recorder.of_opening(_done(opening), visit):
                return recorder.report
            return await recorder.of_joining(_call(client, visit), visit)
        finally:
            await _bounded(client.disconnect())


class AttemptRecorder:
    """What a client reports of one attempt; each step has a time and a time limit."""

    def __init__(self) -> None:
        self.report = Report()
        self._began_ns = perf_counter_ns()

    async def of_opening(self, opening: Awaitable[Any], visit: Visit) -> Any:
        """Return what the client returns as open, or None where it does not open."""
        opened = await self._of(opening, visit)
        if opened is not None:
            self.report = msgspec.structs.replace(self.report, opened_ms=self._ms())
        return opened

    async def of_joining(self, joining: Awaitable[Any], visit: Visit) -> Report:
        """Return the report: whether the client `joined`, or how it ended."""
        joined = await self._of(joining, visit)
        return msgspec.structs.replace(self.report, joined=bool(joined))

    async def _of(self, asking: Awaitable[Any], visit: Visit) -> Any:
        try:
            async with asyncio.timeout(visit.patience_s) as patience:
                return await asking
        except TimeoutError as error:
            if not patience.expired():  # the client's own timeout belongs to its report
                self._ended(error)
        # Any exception of the client is its answer, even where it fails to parse a response.
        except Exception as error:
            self._ended(error)
        return None

    def _ended(self, error: Exception) -> None:
        received = getattr(error, "rcvd", None)
        code = 1006 if isinstance(error, websockets.ConnectionClosed) else None
        self.report = msgspec.structs.replace(
            self.report,
            ended_ms=self._ms(),
            close_code=received.code if received else code,
            said=str(error) or type(error).__name__,
        )

    def _ms(self) -> float:
        return (perf_counter_ns() - self._began_ns) / 1e6


async def _join(ws: ClientConnection, visit: Visit) -> bool:
    await ws.send(commands.encode(Join(1, visit.room, visit.name)).decode())
    while not _is_joined(await ws.recv()):
        pass  # the patience of the visit limits this loop
    return True


def _is_joined(text: str | bytes) -> bool:
    try:
        return isinstance(events.decode(text), Joined)
    except msgspec.DecodeError:
        return False


async def _call(client: Any, visit: Visit) -> bool:
    payload = {"room": visit.room, "name": visit.name}
    reply = await client.call("join", payload, timeout=visit.patience_s + CLOSE_S)
    return isinstance(reply, dict) and reply.get("type") == "joined"


async def _done(work: Awaitable[None]) -> bool:
    await work
    return True


async def _bounded(leaving: Awaitable[None]) -> None:
    try:
        async with asyncio.timeout(CLOSE_S):
            await leaving
    except Exception:  # a connection that has ended needs no close
        _log.debug("could not close", exc_info=True)
