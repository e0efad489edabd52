"""The claim `tls-doubles`: TLS doubles the round trips of a handshake."""

from __future__ import annotations

import asyncio
import ssl
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable, Iterator, Sequence
from contextlib import ExitStack, asynccontextmanager, contextmanager
from functools import partial
from time import perf_counter_ns

import msgspec
from websockets.asyncio import client as websockets_client
from websockets.asyncio import server as websockets_server

from lab.bilingual import Bilingual
from lab.claims._support.captured import CapturedRoute, captured_route
from lab.claims._support.claim import Claim, Finding, Verdict, needs, verdict_of
from lab.contract import ClientTls, ConnectOptions, ServerTls, Transport
from lab.load.closed_loop import ignore
from lab.load.tapped import Capture, opened_with
from lab.measure.server import ServerProcess
from lab.relay.network import Network
from lab.tls.keys import client_tls
from transports import registry
from transports._shared import extras

TRANSPORTS = ("websocket", "socketio-websocket", "socketio-polling")
OLDER = "websocket"
"""Of this protocol a server with TLS 1.2 is measured too; the lab's own servers speak TLS 1.3."""
RTT_NS = 200_000_000
"""Long compared with the delays of a busy machine."""
CONNECTS = 3
TWICE = 1.75
"""A ratio from here on counts as twice. The round trips are whole numbers, at most 6, and the clock
adds up to a quarter of one to the shorter handshake: so 4 of 2 stays above it, and 3 of 2 below."""


class Handshakes(msgspec.Struct, frozen=True):
    """What waited until a client was connected, without TLS and with it.

    `plain`, `tls`: network round trips by the clock, the fastest of several connects, because other
    work on the machine can only add to it. `plain_bytes`, `tls_bytes`: of one connect, both ways.
    """

    transport: str
    version: str
    plain: float
    tls: float
    plain_bytes: int
    tls_bytes: int

    @property
    def doubled(self) -> bool:
        """Whether TLS made the client wait for twice as many round trips."""
        return self.tls / self.plain >= TWICE


class Connects(msgspec.Struct, frozen=True):
    """The fastest of some connects in network round trips, the bytes of one, and the capture."""

    round_trips: float
    bytes: int
    capture: Capture


def judge(found: Iterable[Handshakes]) -> Verdict:
    """Judge whether TLS doubles all handshakes, some of them, or none."""
    return verdict_of(each.doubled for each in found)


async def connects(
    connect: Callable[[str], Awaitable[Callable[[], Awaitable[None]]]], url: str, port: int
) -> Connects:
    """Connect some times in turn over an emulated network. `connect` returns what closes it."""
    fastest, size = 0, 0
    async with captured_route(url, port, Network(delay_ns=RTT_NS // 2)) as route:
        for number in range(CONNECTS):
            begun = perf_counter_ns()
            close = await connect(route.entrance)
            waited = perf_counter_ns() - begun
            fastest = waited if number == 0 else min(fastest, waited)
            size = size or _bytes(route)
            await close()
        return Connects(fastest / RTT_NS, size, route.capture)


def _bytes(route: CapturedRoute) -> int:
    return sum(len(chunk.data) for chunk in route.chunks)


@contextmanager
def _server(name: str, tls: bool) -> Iterator[tuple[ServerProcess, ClientTls | None]]:
    arguments = ["--unpaced", *(["--tls"] if tls else [])]
    with (
        ServerProcess(name, arguments) as server,
        client_tls(server.ready["authority"]) as client,
    ):
        yield server, client


async def _of_transport(name: str, server: ServerProcess, tls: ClientTls | None) -> Connects:
    dial = partial(_dial, registry.load(name), ConnectOptions(tls=tls))
    found = await connects(dial, server.url, int(server.ready["port"]))
    return msgspec.structs.replace(found, capture=opened_with(found.capture, tls)[0])


async def _dial(
    transport: Transport, options: ConnectOptions, url: str
) -> Callable[[], Awaitable[None]]:
    return (await transport.connect(url, ignore, options)).close


async def _with_tls_1_2() -> Connects:
    """A server and a client of the library `websockets` that speak TLS 1.2 and nothing newer."""
    from lab.tls.authority import certified  # noqa: PLC0415 - an extra

    with certified() as made:
        async with _listening(made.server) as port:
            context = ssl.create_default_context(cafile=made.authority)
            context.maximum_version = ssl.TLSVersion.TLSv1_2

            async def dial(url: str) -> Callable[[], Awaitable[None]]:
                opened = await websockets_client.connect(url, ssl=context, proxy=None)
                return opened.close

            return await connects(dial, f"wss://127.0.0.1:{port}/", port)


@asynccontextmanager
async def _listening(tls: ServerTls) -> AsyncIterator[int]:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(tls.certificate, tls.key)
    context.maximum_version = ssl.TLSVersion.TLSv1_2

    async def answer(connection: websockets_server.ServerConnection) -> None:
        await connection.wait_closed()

    async with websockets_server.serve(answer, "127.0.0.1", 0, ssl=context) as server:
        port: int = next(iter(server.sockets)).getsockname()[1]
        yield port


async def test() -> Finding:
    """Connect on each transport without TLS and with TLS 1.3, and once with TLS 1.2."""
    needs(extras.missing("trustme"))
    with ExitStack() as running:
        served = [
            (name, *running.enter_context(_server(name, tls)))
            for tls in (False, True)
            for name in TRANSPORTS
        ]
        *measured, older = await asyncio.gather(
            *(_of_transport(*each) for each in served), _with_tls_1_2()
        )
    plain = dict(zip(TRANSPORTS, measured[: len(TRANSPORTS)], strict=True))
    newer = dict(zip(TRANSPORTS, measured[len(TRANSPORTS) :], strict=True))
    found = [_handshakes(name, "1.3", plain[name], newer[name]) for name in TRANSPORTS]
    found.append(_handshakes(OLDER, "1.2", plain[OLDER], older))
    captures = {name: each.capture for name, each in plain.items()}
    captures |= {f"{name}, inside TLS 1.3": each.capture for name, each in newer.items()}
    return Finding(judge(found), in_short(found), tuple(map(_describe, found)), captures)


def _handshakes(name: str, version: str, plain: Connects, tls: Connects) -> Handshakes:
    return Handshakes(name, version, plain.round_trips, tls.round_trips, plain.bytes, tls.bytes)


def in_short(found: Sequence[Handshakes]) -> Bilingual:
    """Return the round trips of the transport that is measured with both versions."""
    by_version = {each.version: each for each in found if each.transport == OLDER}
    newer, older = by_version["1.3"], by_version["1.2"]
    return IN_SHORT.fill(plain=newer.plain, newer=newer.tls, older=older.tls)


IN_SHORT = Bilingual(
    "websocket: {plain:.1f} round trips without TLS, {newer:.1f} with TLS 1.3, {older:.1f} with "
    "TLS 1.2.",
    "websocket: TLS 없이 왕복 {plain:.1f}번, TLS 1.3에서 {newer:.1f}번, TLS 1.2에서 "
    "{older:.1f}번입니다.",
)
SEEN = Bilingual(
    "{transport}, TLS {version}: {tls:.1f} instead of {plain:.1f} round trips until connected "
    "({ratio:.2f}×), {tls_bytes} instead of {plain_bytes} B.",
    "{transport}, TLS {version}: 연결될 때까지 왕복 {plain:.1f}번이 {tls:.1f}번이 되고"
    "({ratio:.2f}배), {plain_bytes} B가 {tls_bytes} B가 됩니다.",
)


def _describe(each: Handshakes) -> Bilingual:
    return SEEN.fill(**msgspec.structs.asdict(each), ratio=each.tls / each.plain)


CLAIM = Claim(
    name="tls-doubles",
    said=Bilingual(
        "TLS doubles the handshake.",
        "TLS를 쓰면 핸드셰이크가 두 배로 길어집니다.",
    ),
    experiment=Bilingual(
        "Clients connect over an emulated network of 200 ms, without TLS and with it. The lab "
        "divides the time until they are connected by the round-trip time. TLS 1.3 is measured on "
        "three transports, TLS 1.2 on WebSocket.",
        "왕복 시간이 200 ms인 네트워크를 흉내 내어, 클라이언트가 TLS 없이 연결하고 TLS로도 "
        "연결합니다. 연결될 때까지 걸린 시간을 왕복 시간으로 나눕니다. TLS 1.3은 전송 방식 세 "
        "가지에서, TLS 1.2는 WebSocket에서 측정합니다.",
    ),
    verdict=Verdict.DEPENDS,
    because=Bilingual(
        "The sentence comes from TLS 1.2. Its handshake takes two round trips, and so does a "
        "WebSocket without TLS: one for TCP and one for HTTP. TLS 1.3 takes one round trip for "
        "each TCP connection. The bytes of a handshake grow far more than its round trips, "
        "because the server sends its certificate.",
        "이 문장은 TLS 1.2에서 나왔습니다. TLS 1.2의 핸드셰이크는 왕복 두 번이 걸리고, TLS 없는 "
        "WebSocket도 TCP에 한 번, HTTP에 한 번, 모두 두 번이 걸립니다. TLS 1.3은 TCP 연결마다 "
        "왕복 한 번이면 됩니다. 서버가 인증서를 보내기 때문에, 핸드셰이크의 바이트는 왕복 "
        "횟수보다 훨씬 많이 늘어납니다.",
    ),
    test=test,
    common_belief=True,
    notebook="01_handshake",
)
