"""The claim `server-and-client`: Socket.IO is a Node server and a JavaScript client."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable
from contextlib import ExitStack
from importlib.metadata import version

import msgspec

from lab.bilingual import Bilingual
from lab.claims._support.claim import Claim, Finding, Verdict, needs, verdict_of
from lab.claims._support.socketio_clients import by_node, by_python
from lab.interop.node import installed, node_unavailable
from lab.measure.server import ServerProcess

NODE, PYTHON = "Node", "Python"
SERVERS = {NODE: "node-socketio", PYTHON: "socketio"}
CLIENTS = {NODE: by_node, PYTHON: by_python}


class Meeting(msgspec.Struct, frozen=True):
    """A client and a server by language, and the transport on which the room answered."""

    client: str
    server: str
    transport: str | None

    @property
    def claimed(self) -> bool:
        """Whether it is the JavaScript client, in Node, at the server in Node."""
        return self.client == self.server == NODE


def judge(meetings: Iterable[Meeting]) -> Verdict:
    """Judge whether the client and the server that the claim names exist and work together."""
    return verdict_of(it.transport is not None for it in meetings if it.claimed)


async def test() -> Finding:
    """Connect each client to each server, as installed."""
    needs(node_unavailable())
    pairs = [(client, server) for client in CLIENTS for server in SERVERS]
    with ExitStack() as running:
        urls = {
            language: running.enter_context(ServerProcess(name)).url
            for language, name in SERVERS.items()
        }
        transports = await asyncio.gather(
            *(CLIENTS[client](urls[server], {}) for client, server in pairs)
        )
    meetings = [
        Meeting(*pair, transport) for pair, transport in zip(pairs, transports, strict=True)
    ]
    in_short = IN_SHORT.fill(
        worked=sum(it.transport is not None for it in meetings), tried=len(meetings)
    )
    versions = VERSIONS.fill(
        client=installed("socket.io-client"),
        server=installed("socket.io"),
        python=version("python-socketio"),
    )
    return Finding(judge(meetings), in_short, (*map(_describe, meetings), versions))


IN_SHORT = Bilingual(
    "The JavaScript client runs in Node; {worked} of {tried} pairs of client and server work, in "
    "Node and in Python.",
    "JavaScript 클라이언트는 Node에서 실행됩니다. Node와 Python의 클라이언트와 서버 {tried}쌍 중 "
    "{worked}쌍이 동작합니다.",
)
SEEN = Bilingual(
    "The client in {client} at the server in {server}: {ended}.",
    "{client} 클라이언트 → {server} 서버: {ended}.",
)
VERSIONS = Bilingual(
    "In Node these are {client} and {server}, in Python python-socketio {python}.",
    "Node에서는 {client}, {server}이고, Python에서는 python-socketio {python}입니다.",
)
WORKS = Bilingual("the room answered on {transport}", "방이 응답함, 마지막 방식 {transport}")
FAILS = Bilingual("no connection", "연결되지 않음")


def _describe(it: Meeting) -> Bilingual:
    ended = WORKS.fill(transport=it.transport) if it.transport else FAILS
    return SEEN.fill(client=it.client, server=it.server, ended=ended)


CLAIM = Claim(
    name="server-and-client",
    said=Bilingual(
        "Socket.IO consists of a server for Node and a JavaScript client, which runs in Node too.",
        "Socket.IO는 Node 서버와 JavaScript 클라이언트로 이루어져 있고, 클라이언트는 Node에서도 "
        "실행됩니다.",
    ),
    experiment=Bilingual(
        "The JavaScript client runs in Node and connects to the server in Node. Then a client and "
        "a server in Python take the place of either.",
        "JavaScript 클라이언트를 Node에서 실행해 Node 서버에 연결합니다. 그다음 Python "
        "클라이언트와 Python 서버를 그 자리에 넣어 봅니다.",
    ),
    verdict=Verdict.HOLDS,
    because=Bilingual(
        "The project itself publishes a server for Node and a client for browsers and Node. They "
        "are not the only ones: the protocol is documented, and servers and clients in other "
        "languages work with them.",
        "프로젝트가 직접 내놓는 것은 Node 서버와, 브라우저와 Node에서 실행되는 클라이언트입니다. "
        "그것만 있는 것은 아닙니다. 프로토콜이 문서로 공개되어 있어서 다른 언어의 서버와 "
        "클라이언트도 함께 동작합니다.",
    ),
    test=test,
)
