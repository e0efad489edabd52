"""A part of 15_many_nodes: a session of Socket.IO whose requests reach two servers in turn."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

import aiohttp
import msgspec

from lab.cluster.cluster import Plan, running_cluster
from lab.notebook.guess import Expected
from lab.notebook.prose import Prose, table
from transports import registry

PATIENCE_S = 20.0
SHOWN = 41
"""So many characters of an answer are shown."""
HELLO = "40"
"""The packet of Socket.IO with which a client connects to the namespace `/`."""
OPENED, TURN, STICKY = "polling, first request", "polling, in turn", "polling, sticky"
WEBSOCKET = "websocket"
KOREAN = {
    OPENED: "폴링, 첫 요청",
    TURN: "폴링, 번갈아",
    STICKY: "폴링, 스티키",
    WEBSOCKET: "WebSocket",
}

STICKINESS = Expected(
    "no",
    "How many requests does a WebSocket begin with, and who answers them?",
    "WebSocket은 요청 몇 개로 시작하고, 누가 답합니까?",
)


@dataclass(frozen=True)
class Asked:
    """A request of a session, and its answer. `node`: 1 or 2."""

    transport: str
    way: str
    request: str
    node: int
    status: int
    answer: str


@dataclass(frozen=True)
class Sessions:
    """All requests, in their order. `left_out`: transport -> why it can't run here."""

    asked: tuple[Asked, ...]
    left_out: dict[str, str] = field(default_factory=dict)

    def shown(self) -> Prose:
        """Return a table of all requests."""
        heads = ["server", "way", "request", "node", "status", "answer"]
        korean = ["서버", "방법", "요청", "노드", "상태", "답"]
        cells = [
            (it.way, [f"`{it.request}`", it.node, it.status, f"`{it.answer}`"], f"`{it.transport}`")
            for it in self.asked
        ]
        english = table(heads, [[name, way, *rest] for way, rest, name in cells])
        translated = table(korean, [[name, KOREAN[way], *rest] for way, rest, name in cells])
        missing = "".join(f"\n\nLeft out: `{it}` {why}." for it, why in self.left_out.items())
        missing_ko = "".join(f"\n\n제외: `{it}` {why}." for it, why in self.left_out.items())
        return Prose(english.markdown + missing, translated.markdown + missing_ko)

    def status(self, way: str) -> int | None:
        """Return the status of the last answer in this way; None: nothing was asked."""
        return next((it.status for it in reversed(self.asked) if it.way == way), None)


async def talk(transports: Sequence[str]) -> Sessions:
    """Start two servers of each transport that can run here, and send their requests in turn."""
    reasons = {name: registry.unavailable(name) for name in transports}
    left_out = {name: reason for name, reason in reasons.items() if reason is not None}
    asked = [it for name in transports if name not in left_out for it in await _two(name)]
    return Sessions(tuple(asked), left_out)


async def _two(name: str) -> list[Asked]:
    timeout = aiohttp.ClientTimeout(total=PATIENCE_S)
    async with (
        running_cluster(Plan(name, 2)) as cluster,
        aiohttp.ClientSession(timeout=timeout) as it,
    ):
        urls = [f"{node.ready.url}/socket.io/?EIO=4&transport=" for node in cluster.nodes]
        session = _Session(name, it, urls)
        return [*await session.polls(), await session.opens_a_websocket(2)]


@dataclass(frozen=True)
class _Session:
    """A client without a library. `urls`: of the two nodes, up to the transport's name."""

    transport: str
    http: aiohttp.ClientSession
    urls: Sequence[str]

    async def polls(self) -> list[Asked]:
        """Open a session by polling at the first node, and say hello at both, the other first."""
        async with self.http.get(f"{self.urls[0]}polling") as opened:
            text = await opened.text()
        sid = msgspec.json.decode(text[1:])["sid"]
        found = [self._asked(OPENED, "GET", 1, opened.status, text, sid)]
        for way, node in ((TURN, 2), (STICKY, 1)):
            url = f"{self.urls[node - 1]}polling&sid={sid}"
            async with self.http.post(url, data=HELLO) as answered:
                answer = await answered.text()
            found.append(self._asked(way, "POST sid=SID", node, answered.status, answer, sid))
        return found

    async def opens_a_websocket(self, node: int) -> Asked:
        """Open a WebSocket, which is a whole session: its packets say the rest."""
        async with self.http.ws_connect(f"{self.urls[node - 1]}websocket") as websocket:
            text = await websocket.receive_str()
        sid = msgspec.json.decode(text[1:])["sid"]
        # RFC 6455, section 4.1: a client fails any other answer.
        return self._asked(WEBSOCKET, "GET Upgrade: websocket", node, 101, text, sid)

    def _asked(
        self, way: str, request: str, node: int, status: int, answer: str, sid: str
    ) -> Asked:
        shown = answer.replace(sid, "SID")
        cut = shown if len(shown) <= SHOWN else f"{shown[:SHOWN]}…"
        return Asked(self.transport, way, request, node, status, cut)
