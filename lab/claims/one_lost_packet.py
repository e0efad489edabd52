"""The claim `one-lost-packet`: one lost packet delays all rooms of a WebSocket, and no streams."""

from __future__ import annotations

import msgspec

from lab.bilingual import Bilingual
from lab.claims._support.claim import Claim, Finding, Verdict, needs, verdict_of
from lab.claims._support.linked import opened_link
from lab.link import Link
from lab.load.across import served_across
from lab.load.lost_packet import WAITS, OtherRoom, loop_on
from transports import registry
from transports._shared.extras import missing

WAY_NS = 100_000_000
"""One way. Long compared with the delays of a busy machine."""
TRIALS = 3


class Delays(msgspec.Struct, frozen=True):
    """How many ways the second message takes, right behind a first one: the fastest of some.

    Other work on the machine can only add to it. `none`: nothing is lost. In the others the packet
    of the first message is, and both come over one WebSocket (`shared`), over one each (`apart`),
    or over two streams of one QUIC connection (`streams`).
    """

    none: float
    shared: float
    apart: float
    streams: float


def judge(found: Delays) -> Verdict:
    """Judge whether the second message waits on the same WebSocket, and nowhere else."""
    return verdict_of([found.shared >= WAITS, found.apart < WAITS, found.streams < WAITS])


async def test() -> Finding:
    """Lose the packet of one message, and time the message behind it."""
    needs(missing("aioquic"), missing("trustme"))
    with opened_link(WAY_NS) as link:
        found = await _delays(link)
    shown = msgspec.structs.asdict(found)
    return Finding(judge(found), IN_SHORT.fill(**shown), (SEEN.fill(**shown),))


async def _delays(link: Link) -> Delays:
    from lab.load.lost_stream import delays_of_streams  # noqa: PLC0415 - an extra

    with (
        served_across(link, registry.load("websocket")) as connect,
        loop_on(link, "server") as speaking,
        loop_on(link, "client") as listening,
    ):
        rooms = OtherRoom(link, connect, speaking)
        taken = [
            await listening(rooms.delays(connections, TRIALS, lose))
            for connections, lose in ((1, False), (1, True), (2, True))
        ]
        taken.append(await listening(delays_of_streams(link, speaking, TRIALS)))
    return Delays(*(min(each) / WAY_NS for each in taken))


IN_SHORT = Bilingual(
    "Behind a lost packet a message takes {shared:.1f} times the one-way delay on the same "
    "WebSocket, and {streams:.1f} on another stream of QUIC.",
    "손실된 패킷 뒤의 메시지는 같은 WebSocket에서 편도 지연의 {shared:.1f}배, QUIC의 다른 "
    "스트림에서 {streams:.1f}배 걸립니다.",
)
SEEN = Bilingual(
    "In one-way delays, a message takes {none:.2f} if nothing is lost. Behind a lost packet it "
    "takes {shared:.2f} on the same WebSocket, {apart:.2f} on another WebSocket, and {streams:.2f} "
    "on another stream of one QUIC connection.",
    "메시지는 손실이 없으면 편도 지연의 {none:.2f}배 걸립니다. 손실된 패킷 뒤에서는 같은 "
    "WebSocket이면 {shared:.2f}배, 다른 WebSocket이면 {apart:.2f}배, 한 QUIC 연결의 다른 "
    "스트림이면 {streams:.2f}배 걸립니다.",
)

CLAIM = Claim(
    name="one-lost-packet",
    said=Bilingual(
        "One lost packet delays all rooms of one WebSocket, and not those of other streams.",
        "패킷 하나가 손실되면 그 WebSocket의 모든 방이 늦어지고, 다른 스트림의 방은 늦어지지 "
        "않습니다.",
    ),
    experiment=Bilingual(
        "A link of 100 ms each way loses exactly one packet, with the message of one room. Right "
        "behind it comes the message of another room: over the same WebSocket, over a second one, "
        "and over another stream of a QUIC connection.",
        "편도 100 ms인 링크가 한 방의 메시지가 든 패킷을 정확히 하나 버립니다. 바로 뒤에 다른 방의 "
        "메시지가 옵니다. 같은 WebSocket으로, 다른 WebSocket으로, QUIC 연결의 다른 스트림으로 "
        "옵니다.",
    ),
    verdict=Verdict.HOLDS,
    because=Bilingual(
        "TCP hands over bytes in their order. What is behind a gap waits in the kernel until the "
        "lost packet has been sent again, whichever room it belongs to. A stream of QUIC has an "
        "order of its own, as another TCP connection has. A transport gains by that only if it "
        "gives its rooms different streams.",
        "TCP는 바이트를 순서대로 넘겨줍니다. 빠진 자리 뒤의 것은 어느 방의 것이든, 손실된 패킷이 "
        "다시 올 때까지 커널에서 기다립니다. QUIC의 스트림은 다른 TCP 연결처럼 자기 순서가 따로 "
        "있습니다. 방마다 다른 스트림을 쓰는 전송 방식만 그 이득을 봅니다.",
    ),
    test=test,
    common_belief=True,
    notebook="03_latency",
)
