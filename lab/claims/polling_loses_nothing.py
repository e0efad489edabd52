"""The claim `polling-loses-nothing`: long-polling is slower, but no message is lost on it."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable
from contextlib import AbstractAsyncContextManager
from typing import Any

import aiohttp
import msgspec

from lab.claims.claim import Claim, Finding, Verdict
from lab.claims.listener import Listener
from lab.claims.polling_session import Session
from lab.claims.taped import TapedLine, taped
from lab.contract import ConnectOptions, Settings
from lab.load.tapped import Tape
from lab.measure.server import ServerProcess
from transports import registry

WIRE, NODE_WIRE = "socketio-polling", "node-socketio-polling"
FITS, TOO_MANY = 16, 17
"""python-engineio's bound on the packets of one HTTP body, and one more."""
BACKLOG = 50
POST_PACKETS = 10
PATIENCE_S = 30.0
LAST = "the last"


class Passage(msgspec.Struct, frozen=True):
    """Some texts on their way.

    `status`: how the POST that held them was answered. `ended`: the connection did not survive.
    """

    server: str
    settings: Settings
    way: str
    sent: int
    arrived: int
    status: int | None = None
    ended: bool = False

    @property
    def lost(self) -> int:
        """Texts that never came."""
        return self.sent - self.arrived


def judge(passages: Iterable[Passage]) -> Verdict:
    """Whether texts were lost: nowhere, in some of the ways tried, or in all."""
    lost = [passage.lost > 0 for passage in passages]
    if not any(lost):
        return Verdict.HOLDS
    return Verdict.DOES_NOT_HOLD if all(lost) else Verdict.DEPENDS


async def burst(server: ServerProcess, settings: Settings, count: int) -> tuple[Passage, Tape]:
    """Say `count` texts in one POST, one more in another, and see which are heard."""
    way = f"{count} packets in one POST"
    async with _line(server) as line, aiohttp.ClientSession() as http:
        session = Session(http, line.entrance, way)
        async with asyncio.timeout(PATIENCE_S):
            await session.open("ann")
            texts = [f"number {number}" for number in range(count)]
            status = await session.say(texts)
            try:
                await session.say([LAST])
                heard, ended = await session.heard(LAST), False
            except aiohttp.ClientError:
                heard, ended = [], True
        arrived = sum(text in heard for text in texts)
        return Passage(server.wire, settings, way, count, arrived, status, ended), line.tape


async def backlog(server: ServerProcess, settings: Settings) -> tuple[Passage, Tape]:
    """Say BACKLOG texts while a listener's line is stalled; then see which reach the listener."""
    way = f"a backlog of {BACKLOG} packets toward a Python client"
    ear = Listener()
    wire = registry.load(server.wire)
    async with _line(server) as line, aiohttp.ClientSession() as http:
        listener = await wire.connect(line.entrance, ear, ConnectOptions(settings))
        try:
            async with asyncio.timeout(PATIENCE_S):
                await listener.join(way, "ben")
                line.relay.stall("down")
                texts = await _say_all(Session(http, server.url, way))
                line.relay.resume("down")
                ended = await _heard_or_ended(ear, len(texts), listener.closed)
        finally:
            await listener.close()
        arrived = sum(text in texts for _, text in ear.heard)
        return Passage(server.wire, settings, way, BACKLOG, arrived, None, ended), line.tape


async def _heard_or_ended(ear: Listener, count: int, closed: asyncio.Future[str]) -> bool:
    """Wait until all has come or the connection is gone; returns whether it is gone."""
    hearing = asyncio.ensure_future(ear.has_heard(count))
    either: list[asyncio.Future[Any]] = [hearing, closed]
    await asyncio.wait(either, return_when=asyncio.FIRST_COMPLETED)
    hearing.cancel()
    return closed.done()


async def _say_all(session: Session) -> list[str]:
    """Say BACKLOG texts, some in each POST, and return when the room has said them all."""
    await session.open("ann")
    texts = [f"number {number}" for number in range(BACKLOG)]
    for start in range(0, BACKLOG, POST_PACKETS):
        await session.say(texts[start : start + POST_PACKETS])
    await session.say([LAST])
    await session.heard(LAST)
    return texts


def _line(server: ServerProcess) -> AbstractAsyncContextManager[TapedLine]:
    return taped(server.url, int(server.ready["port"]))


async def test() -> Finding:
    """Send bursts to a server as installed, to one with its bound raised, and to one in Node."""
    found: list[tuple[Passage, Tape]] = []
    settings: Settings
    for settings in ("stock", "equal"):
        with ServerProcess(WIRE, ["--settings", settings, "--unpaced"]) as server:
            found += [await burst(server, settings, count) for count in (FITS, TOO_MANY)]
            found.append(await backlog(server, settings))
    if NODE_WIRE in registry.WIRES and registry.unavailable(NODE_WIRE) is None:
        with ServerProcess(NODE_WIRE, ["--settings", "stock", "--unpaced"]) as server:
            found.append(await burst(server, "stock", TOO_MANY))
    passages = [passage for passage, _ in found]
    tapes = {_label(passage): tape for passage, tape in found}
    return Finding(judge(passages), tuple(map(_told, passages)), tapes)


def _label(it: Passage) -> str:
    return f"{it.server}, {it.settings}, {it.way}"


def _told(it: Passage) -> str:
    answered = f", answered with {it.status}" if it.status is not None else ""
    ended = "; then the connection was gone" if it.ended else ""
    return f"{_label(it)}{answered}: {it.arrived} of {it.sent} texts came{ended}."


CLAIM = Claim(
    name="polling-loses-nothing",
    english="Long-polling is slower than WebSocket, but nothing is lost on it.",
    korean="롱 폴링은 WebSocket보다 느릴 뿐, 메시지를 잃어버리지는 않는다.",
    asked=(
        "Bursts of texts are sent in one POST and let pile up toward a client, under the settings "
        "as installed and under those of the lab, and what arrives is counted."
    ),
    verdict=Verdict.DEPENDS,
    because=(
        "The protocol loses nothing, but a library may. As it is installed, python-engineio takes "
        "no more packets in one HTTP body than its bound: with one more all of them are dropped, "
        "and the answer says OK. With the bound raised, and in Node, every text arrives."
    ),
    test=test,
    common_belief=True,
)
