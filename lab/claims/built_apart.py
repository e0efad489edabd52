"""The claim `built-apart`: a Node server and a page are separate programs and talk both ways."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Iterable, Mapping
from contextlib import asynccontextmanager

import msgspec

from lab.bilingual import Bilingual
from lab.claims._support.claim import Claim, Finding, Verdict, needs, verdict_of
from lab.claims._support.page import page_partner, page_server
from lab.claims._support.ping_pong import (
    EXCHANGES,
    RTT_NS,
    Partner,
    PingPong,
    node_partner,
    ping_pongs,
)
from lab.interop.chromium import chromium, chromium_unavailable
from lab.interop.node import node_unavailable
from lab.load.tapped import Capture

TRANSPORTS: Mapping[str, tuple[str, ...]] = {
    "node-websocket": (),
    "node-socketio": ("polling", "websocket"),
    "node-socketio-websocket": ("websocket",),
    "node-socketio-polling": ("polling",),
}
"""Node server -> the Socket.IO transports that its page uses; empty where the page is native."""
RTTS_OF_REAL_TIME = 3.5
"""The limit of real time, in round-trip times.

A poll may wait for its turn and a POST for a connection: one round trip each. A delivery below this
limit waits for the network only. A client that asks at intervals waits for seconds."""


class TransportResult(msgspec.Struct, frozen=True):
    """What is judged on one transport: whether all texts arrived, and how fast.

    `delivery_rtts`: round-trip times that one delivery took.
    """

    transport: str
    complete: bool
    delivery_rtts: float

    @property
    def real_time(self) -> bool:
        """Whether both sides received every text, as soon as the network delivered it."""
        return self.complete and self.delivery_rtts < RTTS_OF_REAL_TIME


def judge(results: Iterable[TransportResult]) -> Verdict:
    """Judge whether texts arrive in real time on all transports, on some, or on none."""
    return verdict_of(result.real_time for result in results)


async def test() -> Finding:
    """Let a client in Python and a page exchange texts on every transport that Node serves."""
    needs(node_unavailable())
    async with _partners() as (where, origin, partner):
        allowed = ["--origin", origin] if origin else []
        played = await ping_pongs(TRANSPORTS, lambda name: partner(TRANSPORTS[name]), allowed)
    results = [
        TransportResult(name, one.complete, one.delivery_rtts) for name, one in played.items()
    ]
    evidence = [_describe(result, WHERE[where]) for result in results]
    if reason := chromium_unavailable():
        evidence.append(NO_PAGE.fill(reason=reason))
    in_short = IN_SHORT.fill(
        real_time=sum(result.real_time for result in results),
        transports=len(results),
        rtts=max(result.delivery_rtts for result in results),
    )
    return Finding(judge(results), in_short, tuple(evidence), _captures(played, where))


PAGE, NODE = "a page in Chromium", "a client in Node"
WHERE = {
    PAGE: Bilingual(PAGE, "Chromium의 페이지"),
    NODE: Bilingual(NODE, "Node 클라이언트"),
}
IN_SHORT = Bilingual(
    "On {real_time} of {transports} transports all texts arrived in both directions; a delivery "
    "took {rtts:.2f} round trips at most.",
    "전송 방식 {transports}가지 중 {real_time}가지에서 모든 메시지가 양방향으로 도착했고, 전달은 "
    "길어도 왕복 {rtts:.2f}번이었습니다.",
)
SEEN = Bilingual(
    "{transport}: {arrived} of {texts} texts between {where} and a client in Python arrived. One "
    "delivery took {rtts:.2f} RTT ({ms:.0f} ms, emulated).",
    "{transport}: {where} ↔ Python 클라이언트, 메시지 {texts}개가 {arrived} 도착했습니다. 전달 한 "
    "번에 {rtts:.2f} RTT가 걸렸습니다 (지연을 넣은 RTT {ms:.0f} ms).",
)
ALL, NOT_ALL = Bilingual("all", "모두"), Bilingual("not all", "일부만")
NO_PAGE = Bilingual(
    "No page in a browser took part: {reason}.",
    "브라우저의 페이지는 참가하지 못했습니다 ({reason}).",
)


@asynccontextmanager
async def _partners() -> AsyncIterator[tuple[str, str, Callable[[tuple[str, ...]], Partner]]]:
    """Yield what runs the partner, the origin of its page ("" without a page), and its factory.

    The partner is a page in Chromium, or a client in Node where there is no browser. The factory
    takes the Socket.IO transports.
    """
    if chromium_unavailable():
        yield NODE, "", node_partner
        return
    async with chromium() as browser, page_server() as origin:
        yield PAGE, origin, lambda names: page_partner(browser, origin, names)


def _describe(result: TransportResult, where: Bilingual) -> Bilingual:
    return SEEN.fill(
        transport=result.transport,
        arrived=ALL if result.complete else NOT_ALL,
        texts=2 * EXCHANGES,
        where=where,
        rtts=result.delivery_rtts,
        ms=RTT_NS / 1e6,
    )


def _captures(played: Mapping[str, PingPong], where: str) -> dict[str, Capture]:
    return {
        f"{name}, {who}": capture
        for name, one in played.items()
        for who, capture in (("the client in Python", one.ours), (where, one.theirs))
    }


CLAIM = Claim(
    name="built-apart",
    said=Bilingual(
        "You can build a Node server and a client page as two separate programs, and they still "
        "communicate in both directions in real time.",
        "Node.js 서버와 클라이언트 페이지를 별개의 프로그램으로 만들어도 실시간으로 양방향 통신을 "
        "할 수 있습니다.",
    ),
    experiment=Bilingual(
        "A page with its own origin and a client in Python exchange texts in a room that Node "
        "serves. This is repeated on every transport that has a server in Node.",
        "출처(origin)가 따로 있는 페이지와 Python 클라이언트가, Node가 서비스하는 방에서 메시지를 "
        "주고받습니다. Node 서버가 있는 모든 전송 방식으로 반복합니다.",
    ),
    verdict=Verdict.HOLDS,
    because=Bilingual(
        "Server and client share only a URL and the format of their messages. So neither needs "
        "the other's language or origin. The server has to allow the page's origin: a browser "
        "sends the origin in the handshake, and a careful server refuses unknown origins. Over "
        "long-polling a text may take one more round trip, because the poll that could bring it "
        "has just returned with another message.",
        "서버와 클라이언트는 URL과 메시지 형식만 공유합니다. 그래서 상대의 언어나 출처를 알 "
        "필요가 없습니다. 서버는 페이지의 출처를 허용해야 합니다. 브라우저는 핸드셰이크에 출처를 "
        "넣어 보내고, 신중한 서버는 모르는 출처를 거절합니다. 롱 폴링에서는 메시지를 가져올 "
        "폴링이 막 돌아갔을 수 있어서 왕복이 한 번 더 걸리기도 합니다.",
    ),
    test=test,
)
