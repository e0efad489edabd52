"""The claim `polling-loses-nothing`: long-polling is slower, but loses no message."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable
from contextlib import AbstractAsyncContextManager
from typing import Any

import aiohttp
import msgspec

from lab.bilingual import Bilingual
from lab.claims._support.captured import CapturedRoute, captured_route
from lab.claims._support.claim import Claim, Finding, Verdict
from lab.claims._support.listener import Listener
from lab.claims._support.polling_session import PollingSession
from lab.contract import ConnectOptions, Settings
from lab.load.tapped import Capture
from lab.measure.server import ServerProcess
from transports import registry

TRANSPORT, NODE_TRANSPORT = "socketio-polling", "node-socketio-polling"
FITS, TOO_MANY = 16, 17
"""The most packets that python-engineio accepts in one HTTP body, and one more."""
BACKLOG = 50
POST_PACKETS = 10
PATIENCE_S = 30.0
LAST = "the last"


class Transfer(msgspec.Struct, frozen=True):
    """Some texts on their way, and how many arrived.

    `status`: the HTTP status of the POST that held them. `ended`: the connection was closed.
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
        """The number of texts that did not arrive."""
        return self.sent - self.arrived


def judge(transfers: Iterable[Transfer]) -> Verdict:
    """Judge whether texts were lost in none of the tried ways, in some, or in all."""
    lost = [transfer.lost > 0 for transfer in transfers]
    if not any(lost):
        return Verdict.HOLDS
    return Verdict.DOES_NOT_HOLD if all(lost) else Verdict.DEPENDS


async def burst(server: ServerProcess, settings: Settings, count: int) -> tuple[Transfer, Capture]:
    """Send `count` texts in one POST and one more in another, and count the delivered ones."""
    way = f"{count} packets in one POST"
    async with _route(server) as route, aiohttp.ClientSession() as http:
        session = PollingSession(http, route.entrance, way)
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
        return Transfer(
            server.transport, settings, way, count, arrived, status, ended
        ), route.capture


async def backlog(server: ServerProcess, settings: Settings) -> tuple[Transfer, Capture]:
    """Send BACKLOG texts while a listener's connection is stalled, and count the delivered ones."""
    way = f"a backlog of {BACKLOG} packets toward a Python client"
    listener = Listener()
    transport = registry.load(server.transport)
    async with _route(server) as route, aiohttp.ClientSession() as http:
        connection = await transport.connect(route.entrance, listener, ConnectOptions(settings))
        try:
            async with asyncio.timeout(PATIENCE_S):
                await connection.join(way, "ben")
                route.relay.stall("down")
                texts = await _say_all(PollingSession(http, server.url, way))
                route.relay.resume("down")
                ended = await _heard_or_ended(listener, len(texts), connection.closed)
        finally:
            await connection.close()
        arrived = sum(text in texts for _, text in listener.heard)
        return Transfer(
            server.transport, settings, way, BACKLOG, arrived, None, ended
        ), route.capture


async def _heard_or_ended(listener: Listener, count: int, closed: asyncio.Future[str]) -> bool:
    """Wait for all texts or for the end of the connection; return whether it has ended."""
    hearing = asyncio.ensure_future(listener.has_heard(count))
    either: list[asyncio.Future[Any]] = [hearing, closed]
    await asyncio.wait(either, return_when=asyncio.FIRST_COMPLETED)
    hearing.cancel()
    return closed.done()


async def _say_all(session: PollingSession) -> list[str]:
    """Send BACKLOG texts, several per POST, and return when the room has delivered them all."""
    await session.open("ann")
    texts = [f"number {number}" for number in range(BACKLOG)]
    for start in range(0, BACKLOG, POST_PACKETS):
        await session.say(texts[start : start + POST_PACKETS])
    await session.say([LAST])
    await session.heard(LAST)
    return texts


def _route(server: ServerProcess) -> AbstractAsyncContextManager[CapturedRoute]:
    return captured_route(server.url, int(server.ready["port"]))


async def test() -> Finding:
    """Send bursts to a server as installed, to one with a raised limit, and to one in Node."""
    found: list[tuple[Transfer, Capture]] = []
    settings: Settings
    for settings in ("stock", "equal"):
        with ServerProcess(TRANSPORT, ["--settings", settings, "--unpaced"]) as server:
            found += [await burst(server, settings, count) for count in (FITS, TOO_MANY)]
            found.append(await backlog(server, settings))
    if NODE_TRANSPORT in registry.TRANSPORTS and registry.unavailable(NODE_TRANSPORT) is None:
        with ServerProcess(NODE_TRANSPORT, ["--settings", "stock", "--unpaced"]) as server:
            found.append(await burst(server, "stock", TOO_MANY))
    transfers = [transfer for transfer, _ in found]
    captures = {_label(transfer): capture for transfer, capture in found}
    worst = max(transfers, key=lambda it: it.lost / it.sent)
    in_short = IN_SHORT.fill(
        losing=sum(it.lost > 0 for it in transfers),
        ways=len(transfers),
        lost=worst.lost,
        sent=worst.sent,
    )
    return Finding(judge(transfers), in_short, tuple(map(_describe, transfers)), captures)


IN_SHORT = Bilingual(
    "In {losing} of {ways} tries texts were lost, at worst {lost} of {sent}.",
    "{ways}번 중 {losing}번 메시지를 잃었고, 가장 심할 때 {sent}개 중 {lost}개를 잃었습니다.",
)
SEEN = Bilingual(
    "{server}, {settings}, {way}{answered}: {arrived} of {sent} texts arrived{ended}.",
    "{server}, {settings}, {way}{answered}: 메시지 {sent}개 중 {arrived}개가 도착했습니다{ended}.",
)
IN_ONE_POST = Bilingual("{count} packets in one POST", "POST 하나에 패킷 {count}개")
IN_BACKLOG = Bilingual(
    "a backlog of {count} packets toward a Python client", "Python 클라이언트로 밀린 패킷 {count}개"
)
ANSWERED = Bilingual(", answered with {status}", ", 응답 {status}")
ENDED = Bilingual("; then the connection closed", ". 그다음 연결이 닫혔습니다")


def _label(it: Transfer) -> str:
    return f"{it.server}, {it.settings}, {it.way}"


def _describe(it: Transfer) -> Bilingual:
    return SEEN.fill(
        server=it.server,
        settings=it.settings,
        way=(IN_BACKLOG if it.status is None else IN_ONE_POST).fill(count=it.sent),
        answered=ANSWERED.fill(status=it.status) if it.status is not None else "",
        arrived=it.arrived,
        sent=it.sent,
        ended=ENDED if it.ended else "",
    )


CLAIM = Claim(
    name="polling-loses-nothing",
    said=Bilingual(
        "Long-polling is slower than WebSocket, but it loses no message.",
        "롱 폴링은 WebSocket보다 느릴 뿐, 메시지를 잃어버리지는 않습니다.",
    ),
    experiment=Bilingual(
        "Bursts of texts are sent in one POST, and a backlog builds up toward a client, with the "
        "library's default settings and with those of the lab. The lab counts what arrives.",
        "메시지 여러 개를 POST 하나로 보내고, 클라이언트로 가는 메시지를 밀리게 합니다. "
        "라이브러리의 기본 설정과 실험실의 설정으로 시험하고, 도착한 메시지를 셉니다.",
    ),
    verdict=Verdict.DEPENDS,
    because=Bilingual(
        "The protocol loses nothing, but a library may. By default, python-engineio accepts a "
        "limited number of packets in one HTTP body. With one packet more it drops all of them, "
        "and still answers OK. With a raised limit, and in Node, every text arrives.",
        "프로토콜은 아무것도 잃지 않지만, 라이브러리는 잃을 수 있습니다. 기본 설정의 "
        "python-engineio는 HTTP 본문 하나에서 정해진 수의 패킷만 받습니다. 패킷이 하나만 더 "
        "많아도 모두 버리면서 OK로 응답합니다. 한도를 높이거나 Node를 쓰면 모든 메시지가 "
        "도착합니다.",
    ),
    test=test,
    common_belief=True,
)
