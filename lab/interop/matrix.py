"""The interop matrix: connects every client to every transport's server.

Servers, relays and the Python clients share this process. The times are those of a busy machine:
they tell milliseconds from seconds only. `lab bench` measures.
"""

from __future__ import annotations

import asyncio
import re
from collections.abc import AsyncIterator, Callable, Iterable, Sequence
from contextlib import AsyncExitStack, asynccontextmanager

import msgspec

from lab.contract import Address, Capability, ServeOptions, Settings, Transport, netloc
from lab.interop import seen
from lab.interop.chromium import ChromiumError
from lab.interop.clients import Client
from lab.interop.node import NodeError
from lab.interop.outcome import Aim, Cell, Matrix, Report, State, Visit
from lab.interop.pages import Browsing, browse
from lab.load.tapped import Capture, through
from lab.relay.relay import Chunk, ConnectionEvent, Relay
from lab.service import ChatService

PATIENCE_S = 5.0
"""The time for each step of a client: to connect or give up, then to join the room."""
AT_ONCE = 6
"""How many clients run at once; most of them only wait for a server that never answers."""
ENGINE_IO_PATH = "/socket.io/?EIO=4&transport=websocket"
ROOM = "interop"

_UNIQUE = re.compile(r"(?<=[?&]t=)[\w.-]+")
"""The part of an Engine.IO URL that prevents caching."""


class Pairing(msgspec.Struct, frozen=True):
    """A cell to fill: one client, one server, one aim."""

    transport: Transport
    client: Client
    aim: Aim


def pairings(
    transports: Iterable[Transport], clients: Iterable[Client], aims: Iterable[Aim] = tuple(Aim)
) -> list[Pairing]:
    """Combine clients, aims and the transports that have a room and speak HTTP/1.1."""
    served = [
        transport
        for transport in transports
        if transport.capabilities >= {Capability.ROOM, Capability.HTTP_1}
    ]
    clients, aims = list(clients), list(aims)
    return [
        Pairing(transport, client, aim)
        for transport in served
        for client in clients
        for aim in aims
    ]


async def run(
    chosen: Sequence[Pairing],
    *,
    settings: Settings = "equal",
    patience_s: float = PATIENCE_S,
    on_progress: Callable[[int], None] = lambda _done: None,
) -> Matrix:
    """Fill these cells, several at once; call `on_progress` with the number of finished cells.

    A cell is `not tested` where something is missing on this machine or a client could not run.

    Raises:
        OSError: a server can't listen.
    """
    async with _open(chosen, settings) as servers:
        gate = asyncio.Semaphore(AT_ONCE)
        done = 0

        async def fill(number: int, pairing: Pairing) -> Cell:
            nonlocal done
            async with gate:
                cell = await servers.fill(pairing, f"guest {number}", patience_s)
            done += 1
            on_progress(done)
            return cell

        async with asyncio.TaskGroup() as filling:
            tasks = [filling.create_task(fill(*numbered)) for numbered in enumerate(chosen)]
        cells = tuple(task.result() for task in tasks)
        transports = {
            pairing.transport.name: str(pairing.transport.stack().server) for pairing in chosen
        }
        return Matrix(transports, servers.versions(chosen), patience_s, cells)


class _RunningServers:
    """The running servers by transport, the browser, and the missing clients with the reasons."""

    def __init__(
        self, addresses: dict[str, Address], browsing: Browsing | None, missing: dict[str, str]
    ) -> None:
        self._addresses = addresses
        self._browsing = browsing
        self._missing = missing

    def versions(self, chosen: Iterable[Pairing]) -> dict[str, str]:
        """Return client name -> its version, or why it is missing."""
        clients = {pairing.client.name: pairing.client for pairing in chosen}
        return {
            name: self._missing.get(name) or client.version(self._browsing)
            for name, client in clients.items()
        }

    async def fill(self, pairing: Pairing, name: str, patience_s: float) -> Cell:
        """Let the client connect through a relay of its own."""
        if (reason := self._missing.get(pairing.client.name)) is not None:
            return _untested(pairing, reason)
        address = self._addresses[pairing.transport.name]
        chunks: list[Chunk] = []
        events: list[ConnectionEvent] = []
        relay = Relay(address.host, address.port, tap=chunks.append, watch=events.append)
        try:
            async with relay:
                visit = _visit(pairing, address, relay, name, patience_s)
                report = await pairing.client.attempt(visit, self._browsing)
        except (NodeError, ChromiumError, OSError) as error:  # TimeoutError is an OSError
            return _untested(pairing, str(error))
        report = self._named(report, relay)
        return _cell(pairing, report, Capture(chunks, events, relay.total))

    def _named(self, report: Report, relay: Relay) -> Report:
        """Remove what changes from run to run from the client's words: ports, times in URLs."""
        words = report.said.replace(netloc(relay.host, relay.port), "SERVER")
        if self._browsing is not None:
            words = words.replace(self._browsing.origin, "http://PAGE")
        return msgspec.structs.replace(report, said=_UNIQUE.sub("…", words))


@asynccontextmanager
async def _open(chosen: Sequence[Pairing], settings: Settings) -> AsyncIterator[_RunningServers]:
    """Open the browser if a page is among the clients, then serve each transport once."""
    clients = {pairing.client.name: pairing.client for pairing in chosen}
    reasons = {name: client.unavailable() for name, client in clients.items()}
    missing = {name: reason for name, reason in reasons.items() if reason is not None}
    pages = [name for name, client in clients.items() if client.in_browser and name not in missing]
    async with AsyncExitStack() as running:
        browsing = None
        if pages:
            try:
                browsing = await running.enter_async_context(browse())
            except ChromiumError as error:
                missing |= dict.fromkeys(pages, str(error))
        # A page has another origin than the server, which has to allow it by name. Clients that
        # are no browsers send no origin and are accepted.
        origins = None if browsing is None else (browsing.origin,)
        options = ServeOptions(settings=settings, origins=origins)
        addresses = {}
        for name, transport in {
            pairing.transport.name: pairing.transport for pairing in chosen
        }.items():
            server = await running.enter_async_context(transport.serve(ChatService(), options))
            addresses[name] = server.address
        yield _RunningServers(addresses, browsing, missing)


def _visit(pairing: Pairing, address: Address, relay: Relay, name: str, patience_s: float) -> Visit:
    place = netloc(relay.host, relay.port)
    straight = pairing.aim is Aim.ENGINE_IO
    if pairing.client.family == "socket.io":
        transports = ("websocket",) if straight else None
        return Visit(f"http://{place}", ROOM, name, patience_s, transports)
    url = f"ws://{place}{ENGINE_IO_PATH if straight else '/'}"
    if not straight and Capability.NATIVE_FRAMES in pairing.transport.capabilities:
        url = through(address.websocket_url or url, address.port, relay)
    return Visit(url, ROOM, name, patience_s)


def _cell(pairing: Pairing, report: Report, capture: Capture) -> Cell:
    return Cell(
        transport=pairing.transport.name,
        client=pairing.client.name,
        aim=pairing.aim,
        state=report.state,
        report=report,
        statuses=seen.statuses(capture),
        closes=seen.closes(capture),
        capture=capture,
    )


def _untested(pairing: Pairing, reason: str) -> Cell:
    return Cell(
        pairing.transport.name, pairing.client.name, pairing.aim, State.NOT_TESTED, reason=reason
    )
