"""The claim `shared-line`: two WebSockets never share a TCP connection."""

from __future__ import annotations

from collections.abc import Iterable

import msgspec

from lab.bilingual import Bilingual
from lab.claims._support.claim import Claim, Finding, Verdict, needs
from lab.load.chat_together import chat_together, opened
from lab.load.tapped import Capture
from transports import registry
from transports._shared.extras import missing

HTTP_1, HTTP_2 = "websocket", "websocket-h2"
CLIENTS = 2


class Lines(msgspec.Struct, frozen=True):
    """How many TCP connections so many clients had, each of whom chatted over a WebSocket."""

    transport: str
    clients: int
    connections: int

    @property
    def shared(self) -> bool:
        """Whether clients shared a connection."""
        return self.connections < self.clients


def judge(found: Iterable[Lines]) -> Verdict:
    """Judge whether no WebSocket shares a connection: one that does is enough against it."""
    return Verdict.DOES_NOT_HOLD if any(lines.shared for lines in found) else Verdict.HOLDS


async def count(name: str, number: int = CLIENTS) -> tuple[Lines, Capture]:
    """Let so many clients chat, and count the connections that they open.

    Raises JoinRefusedError where one of them is not answered as a member.
    """
    capture = await chat_together(name, registry.load(name), number)
    return Lines(name, number, opened(capture)), capture


async def test() -> Finding:
    """Count the TCP connections of two clients over HTTP/1.1, and over HTTP/2."""
    needs(missing("h2"))
    counted = [await count(name) for name in (HTTP_1, HTTP_2)]
    lines = [found for found, _ in counted]
    captures = {found.transport: capture for found, capture in counted}
    in_short = IN_SHORT.fill(
        clients=CLIENTS, http_1=lines[0].connections, http_2=lines[1].connections
    )
    evidence = tuple(COUNTED.fill(**msgspec.structs.asdict(found)) for found in lines)
    return Finding(judge(lines), in_short, evidence, captures)


IN_SHORT = Bilingual(
    "TCP connections of {clients} WebSockets: {http_1} over HTTP/1.1, {http_2} over HTTP/2.",
    "WebSocket {clients}개의 TCP 연결: HTTP/1.1에서 {http_1}개, HTTP/2에서 {http_2}개입니다.",
)
COUNTED = Bilingual(
    "{transport}: {clients} clients chat, each over its own WebSocket. TCP connections: "
    "{connections}.",
    "{transport}: 클라이언트 {clients}개가 각자의 WebSocket으로 대화합니다. TCP 연결은 "
    "{connections}개입니다.",
)

CLAIM = Claim(
    name="shared-line",
    said=Bilingual(
        "Two WebSockets never share a line: each has a TCP connection of its own.",
        "두 WebSocket은 회선을 함께 쓰지 않습니다. 각각 자기 TCP 연결이 있습니다.",
    ),
    experiment=Bilingual(
        "Two clients chat with one server, each over a WebSocket of its own: over HTTP/1.1, and "
        "over HTTP/2. The lab counts their TCP connections.",
        "클라이언트 두 개가 서버 하나와 각자의 WebSocket으로 대화합니다. 한 번은 HTTP/1.1, 한 번은 "
        "HTTP/2를 씁니다. 그들의 TCP 연결을 셉니다.",
    ),
    verdict=Verdict.DOES_NOT_HOLD,
    because=Bilingual(
        "Over HTTP/1.1 it is so: after the `101` the WebSocket takes the whole connection, as the "
        "claim `fast-lines` measures. Over HTTP/2 each WebSocket is a stream, and one connection "
        "carries many of them (RFC 8441). Few servers offer that. A lost packet then delays all of "
        "them, as the claim `one-lost-packet` shows.",
        "HTTP/1.1에서는 맞습니다. `101` 다음에는 WebSocket이 연결 전체를 차지하고, "
        "`fast-lines`가 그것을 잽니다. RFC 8441에 따르면 HTTP/2에서는 WebSocket 하나가 스트림 "
        "하나이고, 연결 하나가 스트림을 여러 개 나릅니다. 이것을 지원하는 서버는 많지 않습니다. "
        "그때는 패킷 하나가 손실되면 모두 늦어지고, `one-lost-packet`이 그것을 보여 줍니다.",
    ),
    test=test,
    notebook="03_latency",
)
