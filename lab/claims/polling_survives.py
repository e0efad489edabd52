"""The claim `polling-survives`: long-polling works where a proxy stops WebSocket."""

from __future__ import annotations

from collections.abc import Sequence

from lab.bilingual import Bilingual
from lab.claims._support.behind_proxy import Attempts, Way, attempts
from lab.claims._support.claim import Claim, Finding, Verdict, needs
from lab.cluster.programs import missing

WAYS: tuple[Way, ...] = ("polling", "websocket")
CLIENTS = 3


def judge(polling: Attempts, websocket: Attempts) -> Verdict:
    """Judge whether polling works and WebSocket does not. If WebSocket works, nothing is shown."""
    if not websocket.failed:
        return Verdict.CANT_TELL
    return Verdict.DOES_NOT_HOLD if polling.failed else Verdict.HOLDS


async def test() -> Finding:
    """Connect clients through a nginx that does not pass `Upgrade` on."""
    needs(missing("nginx"))
    found = await attempts(WAYS, CLIENTS, 1, "none", upgrade=False)
    captures = {str(each.way): each.capture for each in found}
    polling, websocket = found
    verdict = judge(polling, websocket)
    return Finding(verdict, in_short(found), tuple(map(_describe, found)), captures)


def in_short(found: Sequence[Attempts]) -> Bilingual:
    """How many clients could chat, in each way."""
    chatted = {each.way: each.clients - each.failed for each in found}
    return IN_SHORT.fill(clients=CLIENTS, **chatted)


IN_SHORT = Bilingual(
    "Through a proxy that drops `Upgrade`, {polling} of {clients} clients chatted by polling, and "
    "{websocket} by WebSocket.",
    "`Upgrade`를 버리는 프록시를 거쳐, 클라이언트 {clients}개 가운데 폴링은 {polling}개, "
    "WebSocket은 {websocket}개가 채팅했습니다.",
)
SEEN = Bilingual(
    "{way}: {failed} of {clients} clients failed; the answers were HTTP {statuses}.",
    "{way}: 클라이언트 {clients}개 가운데 {failed}개가 실패했고, 응답은 HTTP {statuses}였습니다.",
)


def _describe(each: Attempts) -> Bilingual:
    return SEEN.fill(
        way=each.way,
        failed=each.failed,
        clients=each.clients,
        statuses=", ".join(map(str, each.statuses)),
    )


CLAIM = Claim(
    name="polling-survives",
    said=Bilingual(
        "Long-polling works where a proxy stops WebSocket.",
        "프록시가 WebSocket을 막는 곳에서도 롱 폴링은 됩니다.",
    ),
    experiment=Bilingual(
        "Clients connect through nginx as it is, which drops `Upgrade`: three by polling, "
        "three by WebSocket.",
        "`Upgrade`를 넘기라는 설정이 없는 nginx를 거쳐 클라이언트가 연결합니다. 셋은 폴링으로, "
        "셋은 WebSocket으로 연결합니다.",
    ),
    verdict=Verdict.HOLDS,
    because=Bilingual(
        "`Upgrade` is for one hop, and a proxy drops it unless it is configured. Then the "
        "server gets a plain GET in place of a handshake, and refuses it. Polling is plain "
        "requests, which every proxy passes on.",
        "`Upgrade`는 한 구간만을 위한 것이고, 프록시는 따로 설정하지 않으면 버립니다. 그러면 "
        "서버는 핸드셰이크가 아니라 평범한 GET을 받고 거절합니다. 폴링은 평범한 요청이라서 모든 "
        "프록시가 넘겨줍니다.",
    ),
    test=test,
    common_belief=True,
)
