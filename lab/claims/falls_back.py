"""The claim `falls-back`: Socket.IO tries WebSocket, and falls back to polling where it must."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Callable, Iterable, Mapping
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path
from typing import Any

import aiohttp
import msgspec
import socketio
import socketio.exceptions

from lab.claims.blockade import blockade
from lab.claims.claim import Claim, Finding, Verdict, needs, verdict_of
from lab.claims.taped import TapedLine, requests_of, taped, transports_asked_for
from lab.interop.node import node_unavailable, run_node
from lab.measure.server import ServerProcess

WIRE = "socketio"
"""A server with both transports; what is asked is what its clients do."""
PATIENCE_S = 30.0
WEBSOCKET_FIRST = ("websocket", "polling")
CONNECT = Path(__file__).parent / "js" / "connect.mjs"


class Attempt(msgspec.Struct, frozen=True):
    """How a client got to its connection, or did not.

    `blocked`: every WebSocket handshake was answered with 403. `extra`: an option was set that
    makes it fall back, which nobody has who doesn't know of it. `asked`: the transports that its
    requests named, in order. `transport`: what it had in the end, over which the room answered.
    `requests`: how many it made.
    """

    client: str
    how: str
    blocked: bool
    extra: bool
    asked: tuple[str, ...]
    transport: str | None
    requests: int

    @property
    def fell_back(self) -> bool:
        """It tried WebSocket first, and ended on polling."""
        return self.asked[:1] == ("websocket",) and self.transport == "polling"


def judge(attempts: Iterable[Attempt]) -> Verdict:
    """Whether clients fall back, where WebSocket is blocked: all of them, some, or none.

    A client falls back if it does so as installed, or once WebSocket is listed first.
    """
    fell: dict[str, bool] = {}
    for one in attempts:
        if one.blocked and not one.extra:
            fell[one.client] = fell.get(one.client, False) or one.fell_back
    return verdict_of(fell.values())


Connect = Callable[[str, Mapping[str, Any]], Any]
"""Connects to a URL with a client's own options; gives the transport that it ended on, if any."""


async def by_node(url: str, options: Mapping[str, Any]) -> str | None:
    """The JavaScript client, in Node."""
    result = await run_node(CONNECT, url, json.dumps(options), timeout_s=PATIENCE_S)
    found = result.lines[0]
    return str(found["transport"]) if found["answered"] else None


async def by_python(url: str, options: Mapping[str, Any]) -> str | None:
    """The Python client."""
    async with aiohttp.ClientSession() as http:
        client = socketio.AsyncClient(reconnection=False, handle_sigint=False, http_session=http)
        try:
            await client.connect(url, **options)
        except socketio.exceptions.ConnectionError:
            return None
        try:
            reply = await client.call("rooms", {}, timeout=PATIENCE_S)
            return str(client.transport()) if reply["type"] == "listing" else None
        finally:
            await client.disconnect()


AS_INSTALLED = "as installed"
HOW: dict[str, Mapping[str, Any]] = {
    AS_INSTALLED: {},
    "with WebSocket listed first": {"transports": WEBSOCKET_FIRST},
}
TRYING_ALL = "with WebSocket listed first and tryAllTransports"
CLIENTS: dict[str, tuple[Connect, dict[str, Mapping[str, Any]]]] = {
    "socket.io-client in Node": (
        by_node,
        HOW | {TRYING_ALL: {"transports": WEBSOCKET_FIRST, "tryAllTransports": True}},
    ),
    "python-socketio's client": (by_python, HOW),
}
"""A client -> how it connects, and with which options it is tried."""


async def test() -> Finding:
    """Let each client connect over an open line as it is installed, and over a blocked one."""
    needs(node_unavailable())
    attempts, tapes = [], {}
    with ServerProcess(WIRE) as server:
        for client, (connect, ways) in CLIENTS.items():
            for how, blocked in [(AS_INSTALLED, False), *((how, True) for how in ways)]:
                async with _line(server, blocked) as line:
                    transport = await connect(line.entrance, ways[how])
                    tape = line.tape
                asked = transports_asked_for(tape)
                made = len(requests_of(tape))
                attempt = Attempt(client, how, blocked, how == TRYING_ALL, asked, transport, made)
                attempts.append(attempt)
                tapes[_label(attempt)] = tape
    return Finding(judge(attempts), tuple(map(_told, attempts)), tapes)


@asynccontextmanager
async def _line(server: ServerProcess, blocked: bool) -> AsyncIterator[TapedLine]:
    """A taped line to the server, on which WebSocket is refused or not."""
    async with AsyncExitStack() as stack:
        port = own = int(server.ready["port"])
        if blocked:
            port = await stack.enter_async_context(blockade(own))
        url = server.url.replace(f":{own}", f":{port}", 1)
        yield await stack.enter_async_context(taped(url, port))


def _label(one: Attempt) -> str:
    return f"{one.client}, {one.how}, WebSocket {'refused' if one.blocked else 'allowed'}"


def _told(one: Attempt) -> str:
    ended = f"connected by {one.transport}" if one.transport else "not connected"
    asked = ", then ".join(one.asked) or "nothing"
    return f"{_label(one)}: asked for {asked}; {ended}. HTTP requests: {one.requests}."


CLAIM = Claim(
    name="falls-back",
    english="Socket.IO tries WebSocket first, and falls back to polling where that is blocked.",
    korean="Socket.IO는 먼저 WebSocket으로 연결을 시도하고, 막혀 있으면 폴링으로 전환한다.",
    asked=(
        "Two clients connect over an open line and over one that refuses every WebSocket, as they "
        "are installed and with WebSocket listed first, and their requests are read in order."
    ),
    verdict=Verdict.DOES_NOT_HOLD,
    because=(
        "It is the other way round: a client begins with polling, which gets through everywhere, "
        "and upgrades to WebSocket once that has been seen to work. Listing WebSocket first gives "
        "up that safety, because where it is refused the client only repeats it or fails. Only "
        "with the option `tryAllTransports` does the JavaScript client do what is told of it."
    ),
    test=test,
    common_belief=True,
)
