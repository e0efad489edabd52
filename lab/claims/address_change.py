"""The claim `address-change`: another address ends a WebSocket, and no QUIC connection."""

from __future__ import annotations

import asyncio

import msgspec

from lab.bilingual import Bilingual
from lab.chat.events import Joined, Said
from lab.claims._support.claim import Claim, Finding, Verdict, needs, verdict_of
from lab.claims._support.linked import opened_link
from lab.contract import Connection, ConnectionClosedError
from lab.link import Link
from lab.load.across import served_across
from lab.load.closed_loop import ignore
from lab.load.fleet import Connect, JoinRefusedError
from lab.load.lost_packet import loop_on
from lab.measure.clock import now_ns
from transports import registry
from transports._shared.extras import missing

WAY_NS = 20_000_000
PATIENCE_S = 5.0
"""125 round trips of the link. A client without an answer by then has none."""


class Replies(msgspec.Struct, frozen=True):
    """How long a reply takes, in ms: before the change, after it, and over a new connection.

    None: there is none within the patience.
    """

    before: float | None
    after: float | None
    again: float | None


class Found(msgspec.Struct, frozen=True):
    """What a client of each kind saw."""

    websocket: Replies
    quic: Replies


def judge(found: Found) -> Verdict:
    """Judge whether the change ends the WebSocket and not the QUIC connection.

    A server that answers no new connection shows nothing.
    """
    both = (found.websocket, found.quic)
    if any(None in (each.before, each.again) for each in both):
        return Verdict.CANT_TELL
    return verdict_of([found.websocket.after is None, found.quic.after is not None])


async def test() -> Finding:
    """Give the client another address between two messages of one connection."""
    needs(missing("aioquic"), missing("trustme"))
    with opened_link(WAY_NS) as link:
        found = Found(
            websocket=await _replies(link, "websocket"), quic=await _replies(link, "webtransport")
        )
    evidence = (_described("WebSocket", found.websocket), _described("QUIC", found.quic))
    return Finding(judge(found), in_short(found), evidence)


async def _replies(link: Link, transport: str) -> Replies:
    with (
        served_across(link, registry.load(transport)) as connect,
        loop_on(link, "client") as on_client,
    ):
        return await on_client(_move(link, connect))


async def _move(link: Link, connect: Connect) -> Replies:
    first = await _joined(connect, "first")
    try:
        before = await _reply_ms(first)
        link.change_address()
        after = await _reply_ms(first)
        second = await _joined(connect, "second")
        again = await _reply_ms(second)
        await second.close()
    finally:
        await first.close()
    return Replies(before, after, again)


async def _joined(connect: Connect, name: str) -> Connection:
    connection = await connect(ignore)
    reply = await connection.join("den", name)
    if not isinstance(reply, Joined):
        raise JoinRefusedError(f"{name} was refused: {reply}")
    return connection


async def _reply_ms(connection: Connection) -> float | None:
    begun_ns = now_ns()
    try:
        async with asyncio.timeout(PATIENCE_S):
            reply = await connection.say("den", "where am I?")
    except (TimeoutError, ConnectionClosedError):
        return None
    return (now_ns() - begun_ns) / 1e6 if isinstance(reply, Said) else None


def in_short(found: Found) -> Bilingual:
    """How long each connection took to answer after the change."""
    return IN_SHORT.fill(websocket=_shown(found.websocket.after), quic=_shown(found.quic.after))


def _described(kind: str, found: Replies) -> Bilingual:
    times = {name: _shown(ms) for name, ms in msgspec.structs.asdict(found).items()}
    return SEEN.fill(kind=kind, **times)


def _shown(ms: float | None) -> Bilingual:
    return NEVER.fill(limit=PATIENCE_S) if ms is None else TOOK.fill(ms=ms)


NEVER = Bilingual("no reply within {limit:g} s", "{limit:g}초 안에 응답 없음")
TOOK = Bilingual("a reply after {ms:.0f} ms", "{ms:.0f} ms 뒤 응답")
IN_SHORT = Bilingual(
    "From the new address: {websocket} over the WebSocket, {quic} over QUIC.",
    "새 주소에서 WebSocket은 {websocket}, QUIC은 {quic}입니다.",
)
SEEN = Bilingual(
    "{kind}: {before} at first, {after} from the new address, {again} over a new connection.",
    "{kind}: 처음에는 {before}, 새 주소에서는 {after}, 새 연결에서는 {again}입니다.",
)

CLAIM = Claim(
    name="address-change",
    said=Bilingual(
        "A WebSocket ends when the client's address changes, and a QUIC connection lives on.",
        "클라이언트의 주소가 바뀌면 WebSocket은 끊기고, QUIC 연결은 이어집니다.",
    ),
    experiment=Bilingual(
        "A client on a link says something, gets another IP address, as a phone does that leaves a "
        "Wi-Fi, and says something again. It does so over a WebSocket, and over WebTransport.",
        "링크의 클라이언트가 말을 하고, Wi-Fi를 벗어난 휴대전화처럼 다른 IP 주소를 받은 뒤 다시 "
        "말합니다. WebSocket으로 한 번, WebTransport로 한 번 합니다.",
    ),
    verdict=Verdict.HOLDS,
    because=Bilingual(
        "Two addresses and two ports are all that identifies a TCP connection, so another address "
        "can't go on with it. Nothing says so to the client: it waits until its own heartbeat "
        "fails. A QUIC connection has ids of its own (RFC 9000 section 9). The client has to send "
        "from its new address, and the lab's does so when the kernel refuses the former one.",
        "TCP 연결은 두 주소와 두 포트 그 자체여서, 다른 주소에서는 이어 갈 수 없습니다. "
        "클라이언트는 그 사실을 통보받지도 못하고, 자신의 하트비트가 실패할 때까지 기다립니다. "
        "QUIC 연결에는 자체 ID(RFC 9000 9절)가 있습니다. 클라이언트는 새 주소에서 보내야 하며, "
        "랩의 클라이언트는 커널이 이전 주소를 거부하면 바로 그렇게 합니다.",
    ),
    test=test,
    common_belief=True,
    notebook="03_latency",
)
