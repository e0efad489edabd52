"""The claim `falls-back`: Socket.IO tries WebSocket first and falls back to polling."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterable, Mapping
from contextlib import AsyncExitStack, asynccontextmanager
from typing import Any

import msgspec

from lab.bilingual import Bilingual
from lab.claims._support.captured import (
    CapturedRoute,
    captured_route,
    requests_of,
    transports_asked_for,
)
from lab.claims._support.claim import Claim, Finding, Verdict, needs, verdict_of
from lab.claims._support.socketio_clients import Connect, by_node, by_python
from lab.claims._support.websocket_blocker import websocket_blocker
from lab.interop.node import node_unavailable
from lab.measure.server import ServerProcess

TRANSPORT = "socketio"
"""A server that offers both transports; the experiment observes its clients."""
WEBSOCKET_FIRST = ("websocket", "polling")


class Attempt(msgspec.Struct, frozen=True):
    """How one client connected, or failed to connect.

    `blocked`: every WebSocket handshake got a 403. `extra`: the client had an option set that makes
    it fall back, and that most users do not know. `requested`: the transports that its requests
    named, in order. `transport`: the transport on which the room answered in the end. `requests`:
    the number of HTTP requests.
    """

    client: str
    how: str
    blocked: bool
    extra: bool
    requested: tuple[str, ...]
    transport: str | None
    requests: int

    @property
    def fell_back(self) -> bool:
        """Whether the client tried WebSocket first and ended on polling."""
        return self.requested[:1] == ("websocket",) and self.transport == "polling"


def judge(attempts: Iterable[Attempt]) -> Verdict:
    """Judge whether all clients, some or none fall back where WebSocket is blocked.

    A client counts if it falls back as installed, or with WebSocket listed first.
    """
    fell: dict[str, bool] = {}
    for one in attempts:
        if one.blocked and not one.extra:
            fell[one.client] = fell.get(one.client, False) or one.fell_back
    return verdict_of(fell.values())


AS_INSTALLED = "as installed"
FIRST = "with WebSocket listed first"
HOW: dict[str, Mapping[str, Any]] = {
    AS_INSTALLED: {},
    FIRST: {"transports": WEBSOCKET_FIRST},
}
TRYING_ALL = f"{FIRST} and tryAllTransports"
CLIENTS: dict[str, tuple[Connect, dict[str, Mapping[str, Any]]]] = {
    "socket.io-client in Node": (
        by_node,
        HOW | {TRYING_ALL: {"transports": WEBSOCKET_FIRST, "tryAllTransports": True}},
    ),
    "python-socketio's client": (by_python, HOW),
}
"""Client -> the function that connects it, and the options to try."""


async def test() -> Finding:
    """Let each client connect as installed, then with WebSocket blocked and each set of options."""
    needs(node_unavailable())
    attempts, captures = [], {}
    with ServerProcess(TRANSPORT) as server:
        for client, (connect, ways) in CLIENTS.items():
            for how, blocked in [(AS_INSTALLED, False), *((how, True) for how in ways)]:
                async with _route(server, blocked) as route:
                    transport = await connect(route.entrance, ways[how])
                    capture = route.capture
                requested = transports_asked_for(capture)
                made = len(requests_of(capture))
                attempt = Attempt(
                    client, how, blocked, how == TRYING_ALL, requested, transport, made
                )
                attempts.append(attempt)
                captures[_label(attempt)] = capture
    plain = [one for one in attempts if one.blocked and not one.extra]
    began = [one for one in attempts if one.requested[:1] == ("polling",)]
    in_short = IN_SHORT.fill(
        fell=sum(one.fell_back for one in plain),
        plain=len(plain),
        installed=sum(one.how == AS_INSTALLED for one in began),
    )
    return Finding(judge(attempts), in_short, tuple(map(_describe, attempts)), captures)


IN_SHORT = Bilingual(
    "Behind a proxy that refuses WebSocket, {fell} of {plain} attempts fell back to polling; as "
    "installed, clients began with polling {installed} times.",
    "WebSocket을 거절하는 프록시 뒤에서 {plain}번 중 {fell}번 폴링으로 전환했습니다. 설치된 "
    "그대로의 클라이언트는 {installed}번 폴링으로 시작했습니다.",
)
SEEN = Bilingual(
    "{client}, {how}, WebSocket {allowed}: requested {requested}; {ended}. HTTP requests: "
    "{requests}.",
    "{client}, {how}, WebSocket {allowed}: 요청 순서 {requested}. {ended}. HTTP 요청 {requests}개.",
)
WAYS = {
    AS_INSTALLED: Bilingual(AS_INSTALLED, "설치된 그대로"),
    FIRST: Bilingual(FIRST, "WebSocket을 먼저 지정"),
    TRYING_ALL: Bilingual(
        TRYING_ALL,
        "WebSocket을 먼저 지정하고 tryAllTransports를 켬",
    ),
}
ALLOWED, BLOCKED = Bilingual("allowed", "허용"), Bilingual("refused", "거절")
CONNECTED = Bilingual("connected by {transport}", "연결된 방식 {transport}")
NOT_CONNECTED = Bilingual("not connected", "연결되지 않음")
NAMED = {
    "socket.io-client in Node": Bilingual("socket.io-client in Node", "Node의 socket.io-client"),
    "python-socketio's client": Bilingual("python-socketio's client", "python-socketio 클라이언트"),
}


@asynccontextmanager
async def _route(server: ServerProcess, blocked: bool) -> AsyncIterator[CapturedRoute]:
    """Yield a captured route to the server; `blocked`: every WebSocket handshake gets a 403."""
    async with AsyncExitStack() as stack:
        port = own = int(server.ready["port"])
        if blocked:
            port = await stack.enter_async_context(websocket_blocker(own))
        url = server.url.replace(f":{own}", f":{port}", 1)
        yield await stack.enter_async_context(captured_route(url, port))


def _label(one: Attempt) -> str:
    return f"{one.client}, {one.how}, WebSocket {'refused' if one.blocked else 'allowed'}"


def _describe(one: Attempt) -> Bilingual:
    return SEEN.fill(
        client=NAMED[one.client],
        how=WAYS[one.how],
        allowed=BLOCKED if one.blocked else ALLOWED,
        requested=" → ".join(one.requested) or "-",
        ended=CONNECTED.fill(transport=one.transport) if one.transport else NOT_CONNECTED,
        requests=one.requests,
    )


CLAIM = Claim(
    name="falls-back",
    said=Bilingual(
        "Socket.IO tries WebSocket first, and falls back to polling if WebSocket is blocked.",
        "Socket.IO는 먼저 WebSocket으로 연결을 시도하고, 막혀 있으면 폴링으로 전환합니다.",
    ),
    experiment=Bilingual(
        "Two clients connect through an open network and through a proxy that refuses every "
        "WebSocket, as installed and with WebSocket listed first. The lab reads their requests in "
        "order.",
        "두 클라이언트가 열린 네트워크와 모든 WebSocket을 거절하는 프록시를 거쳐 연결합니다. "
        "설치된 그대로, 그리고 WebSocket을 먼저 쓰도록 지정하고 시험합니다. 요청의 순서를 "
        "읽습니다.",
    ),
    verdict=Verdict.DOES_NOT_HOLD,
    because=Bilingual(
        "The order is the opposite: a client starts with polling, which works nearly everywhere, "
        "and upgrades to WebSocket once the upgrade has proved to work. With WebSocket first the "
        "client loses that safety: where WebSocket is refused, it only retries or fails. The "
        "JavaScript client does what the claim says only with the option `tryAllTransports`.",
        "순서가 반대입니다. 클라이언트는 거의 어디서나 되는 폴링으로 시작하고, 업그레이드가 되는 "
        "것을 확인한 다음 WebSocket으로 바꿉니다. WebSocket을 먼저 쓰면 이 안전함이 사라져서, "
        "WebSocket이 거절되면 다시 시도하거나 실패할 뿐입니다. JavaScript 클라이언트는 "
        "`tryAllTransports` 옵션을 켜야만 이 말대로 합니다.",
    ),
    test=test,
    common_belief=True,
)
