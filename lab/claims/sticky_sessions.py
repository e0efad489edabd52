"""The claim `sticky-sessions`: several servers of Socket.IO need sticky sessions."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Sequence

import msgspec

from lab.bilingual import Bilingual
from lab.claims._support.behind_proxy import Attempts, Way, attempts
from lab.claims._support.claim import Claim, Finding, Verdict, needs, verdict_of
from lab.cluster.programs import missing

WAYS: tuple[Way, ...] = ("polling", "websocket")
CLIENTS = 10
NODES = 3


class Compared(msgspec.Struct, frozen=True):
    """How many clients failed without stickiness and with a cookie, in one way to connect."""

    without: Attempts
    sticky: Attempts

    @property
    def needed(self) -> bool:
        """Whether clients fail without stickiness, and none with it."""
        return self.without.failed > 0 == self.sticky.failed


def judge(found: Iterable[Compared]) -> Verdict:
    """Judge whether stickiness is needed in every way to connect, in some, or in none."""
    return verdict_of(each.needed for each in found)


async def test() -> Finding:
    """Connect clients to three nodes behind nginx, without stickiness and with a cookie."""
    needs(missing("nginx"))
    without, sticky = await asyncio.gather(
        attempts(WAYS, CLIENTS, NODES, "none"), attempts(WAYS, CLIENTS, NODES, "cookie")
    )
    found = [Compared(*pair) for pair in zip(without, sticky, strict=True)]
    captures = {f"{each.way}, no stickiness": each.capture for each in without}
    captures |= {f"{each.way}, a cookie": each.capture for each in sticky}
    return Finding(judge(found), in_short(found), tuple(map(_describe, found)), captures)


def in_short(found: Sequence[Compared]) -> Bilingual:
    """How many failed without stickiness, in each way."""
    failed = {each.without.way: each.without.failed for each in found}
    return IN_SHORT.fill(clients=CLIENTS, **failed)


IN_SHORT = Bilingual(
    "Without stickiness {polling} of {clients} clients failed by polling, and {websocket} by "
    "WebSocket.",
    "스티키 세션이 없으면 클라이언트 {clients}개 가운데 폴링은 {polling}개, WebSocket은 "
    "{websocket}개가 실패했습니다.",
)
SEEN = Bilingual(
    "{way}: {without} of {clients} clients failed without stickiness (HTTP {statuses}), {sticky} "
    "with a cookie.",
    "{way}: 클라이언트 {clients}개 가운데 스티키 세션 없이는 {without}개(HTTP {statuses}), 쿠키를 "
    "쓰면 {sticky}개가 실패했습니다.",
)


def _describe(each: Compared) -> Bilingual:
    return SEEN.fill(
        way=each.without.way,
        clients=CLIENTS,
        without=each.without.failed,
        statuses=", ".join(map(str, each.without.statuses)),
        sticky=each.sticky.failed,
    )


CLAIM = Claim(
    name="sticky-sessions",
    said=Bilingual(
        "Several servers of Socket.IO need sticky sessions.",
        "Socket.IO 서버가 여러 대이면 스티키 세션이 필요합니다.",
    ),
    experiment=Bilingual(
        "Three Socket.IO servers stand behind nginx. Ten clients connect by polling and ten by "
        "WebSocket: once nginx gives each request to the next server, and once a cookie leads a "
        "client back to its server.",
        "Socket.IO 서버 세 대가 nginx 뒤에 있습니다. 클라이언트 열 개가 폴링으로, 열 개가 "
        "WebSocket으로 연결합니다. 한 번은 nginx가 요청마다 다음 서버를 고르고, 한 번은 쿠키가 "
        "클라이언트를 원래 서버로 이끕니다.",
    ),
    verdict=Verdict.DEPENDS,
    because=Bilingual(
        "A session by polling is many requests, and only one server knows it. Another server "
        "answers 400. A WebSocket is one request, and stays with the server that took it. "
        "Socket.IO begins with polling by default, so by default it needs sticky sessions.",
        "폴링 세션은 요청 여러 개이고, 서버 한 대만 그 세션을 압니다. 다른 서버는 400으로 "
        "답합니다. WebSocket은 요청 하나이고, 그 요청을 받은 서버에 머뭅니다. Socket.IO는 "
        "기본값으로 폴링에서 시작하므로, 기본값에서는 스티키 세션이 필요합니다.",
    ),
    test=test,
    common_belief=True,
)
