"""The interop matrix: every wire's server is served once, and every client knocks at each.

Servers, relays and the clients in Python share this process; times are those of a busy machine, and
say whether something takes a moment or many seconds. `lab bench` measures.
"""

from __future__ import annotations

import asyncio
import re
from collections.abc import AsyncIterator, Callable, Iterable, Sequence
from contextlib import AsyncExitStack, asynccontextmanager

import msgspec

from lab.chat.rooms import Rooms
from lab.contract import Address, Capability, ServeOptions, Settings, Transport, netloc
from lab.interop import seen
from lab.interop.chromium import ChromiumError
from lab.interop.clients import Client
from lab.interop.node import NodeError
from lab.interop.outcome import Aim, Cell, Matrix, Report, State, Visit
from lab.interop.pages import Browsing, browse
from lab.load.tapped import Tape, through
from lab.service import ChatService
from lab.wire.relay import Chunk, LineEvent, Relay

PATIENCE_S = 5.0
"""How long a client may take for each step: to connect or give up, then to be let into the room."""
AT_ONCE = 6
"""Most of those at work only wait for a server that will never answer."""
ENGINE_IO_PATH = "/socket.io/?EIO=4&transport=websocket"
ROOM = "interop"

_UNIQUE = re.compile(r"(?<=[?&]t=)[\w.-]+")
"""The part of Engine.IO's URLs that keeps caches away."""


class Pairing(msgspec.Struct, frozen=True):
    """A cell to be filled: one client at one server, aimed in one way."""

    wire: Transport
    client: Client
    aim: Aim


def pairings(
    wires: Iterable[Transport], clients: Iterable[Client], aims: Iterable[Aim] = tuple(Aim)
) -> list[Pairing]:
    """Every client at every server, aimed in every way: the wires with a room on a socket."""
    served = [wire for wire in wires if wire.capabilities >= {Capability.ROOM, Capability.SOCKET}]
    clients, aims = list(clients), list(aims)
    return [Pairing(wire, client, aim) for wire in served for client in clients for aim in aims]


async def run(
    chosen: Sequence[Pairing],
    *,
    settings: Settings = "equal",
    patience_s: float = PATIENCE_S,
    told: Callable[[int], None] = lambda _done: None,
) -> Matrix:
    """Fill these cells, some at once; `told` hears after each how many are done.

    What is missing on this machine, or could not be run, leaves its cells `not tested`.

    Raises:
        OSError: a server can't listen.
    """
    async with _open(chosen, settings) as hall:
        gate = asyncio.Semaphore(AT_ONCE)
        done = 0

        async def fill(number: int, pairing: Pairing) -> Cell:
            nonlocal done
            async with gate:
                cell = await hall.fill(pairing, f"guest {number}", patience_s)
            done += 1
            told(done)
            return cell

        async with asyncio.TaskGroup() as filling:
            tasks = [filling.create_task(fill(*numbered)) for numbered in enumerate(chosen)]
        cells = tuple(task.result() for task in tasks)
        wires = {pairing.wire.name: str(pairing.wire.stack().server) for pairing in chosen}
        return Matrix(wires, hall.versions(chosen), patience_s, cells)


class _Hall:
    """The running servers by wire, the browser, and the clients that are missing, with why."""

    def __init__(
        self, addresses: dict[str, Address], browsing: Browsing | None, missing: dict[str, str]
    ) -> None:
        self._addresses = addresses
        self._browsing = browsing
        self._missing = missing

    def versions(self, chosen: Iterable[Pairing]) -> dict[str, str]:
        """Client name -> its version, or why it is missing."""
        clients = {pairing.client.name: pairing.client for pairing in chosen}
        return {
            name: self._missing.get(name) or client.version(self._browsing)
            for name, client in clients.items()
        }

    async def fill(self, pairing: Pairing, guest: str, patience_s: float) -> Cell:
        """Let the client knock, through a relay of its own."""
        if (reason := self._missing.get(pairing.client.name)) is not None:
            return _untested(pairing, reason)
        address = self._addresses[pairing.wire.name]
        chunks: list[Chunk] = []
        events: list[LineEvent] = []
        relay = Relay(address.host, address.port, tap=chunks.append, watch=events.append)
        try:
            async with relay:
                visit = _visit(pairing, address, relay, guest, patience_s)
                report = await pairing.client.attempt(visit, self._browsing)
        except (NodeError, ChromiumError, OSError) as error:  # TimeoutError is an OSError
            return _untested(pairing, str(error))
        report = self._named(report, relay)
        return _cell(pairing, report, Tape(chunks, events, relay.total))

    def _named(self, report: Report, relay: Relay) -> Report:
        """The client's words without what chance has put in: ports, and the time in a URL."""
        words = report.said.replace(netloc(relay.host, relay.port), "SERVER")
        if self._browsing is not None:
            words = words.replace(self._browsing.origin, "http://PAGE")
        return msgspec.structs.replace(report, said=_UNIQUE.sub("…", words))


@asynccontextmanager
async def _open(chosen: Sequence[Pairing], settings: Settings) -> AsyncIterator[_Hall]:
    """Open the browser where a page is to knock, then serve each wire once."""
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
        # A page comes from elsewhere, and must be let in by name; who is no browser is let in.
        origins = None if browsing is None else (browsing.origin,)
        options = ServeOptions(settings=settings, origins=origins)
        addresses = {}
        for name, wire in {pairing.wire.name: pairing.wire for pairing in chosen}.items():
            server = await running.enter_async_context(wire.serve(ChatService(Rooms()), options))
            addresses[name] = server.address
        yield _Hall(addresses, browsing, missing)


def _visit(
    pairing: Pairing, address: Address, relay: Relay, guest: str, patience_s: float
) -> Visit:
    place = netloc(relay.host, relay.port)
    straight = pairing.aim is Aim.ENGINE_IO
    if pairing.client.family == "socket.io":
        transports = ("websocket",) if straight else None
        return Visit(f"http://{place}", ROOM, guest, patience_s, transports)
    url = f"ws://{place}{ENGINE_IO_PATH if straight else '/'}"
    if not straight and Capability.NATIVE_FRAMES in pairing.wire.capabilities:
        url = through(address.websocket_url or url, address.port, relay)
    return Visit(url, ROOM, guest, patience_s)


def _cell(pairing: Pairing, report: Report, tape: Tape) -> Cell:
    return Cell(
        wire=pairing.wire.name,
        client=pairing.client.name,
        aim=pairing.aim,
        state=report.state,
        report=report,
        statuses=seen.statuses(tape),
        closes=seen.closes(tape),
        tape=tape,
    )


def _untested(pairing: Pairing, reason: str) -> Cell:
    return Cell(
        pairing.wire.name, pairing.client.name, pairing.aim, State.NOT_TESTED, reason=reason
    )
