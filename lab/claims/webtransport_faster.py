"""The claim `webtransport-faster`: WebTransport beside WebSocket over TLS, and what costs it."""

from __future__ import annotations

import random
from collections.abc import AsyncIterator, Iterable, Iterator, Mapping, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from statistics import median

import msgspec

from lab.bilingual import Bilingual, joined
from lab.claims._support.claim import Claim, Finding, Verdict, needs
from lab.claims._support.packet_cost import PacketCost, packet_cost
from lab.claims._support.served import Served
from lab.claims._support.threshold import needed, shown, verdict_of_sides
from lab.claims.slow import on_separate_cores
from lab.contract import ClientTls, Connection, ConnectOptions, Transport
from lab.load.closed_loop import handshakes, round_trips
from lab.load.fan_out import Audience
from lab.load.texts import incompressible
from lab.measure.process import pin
from lab.measure.replicas import original, over_tls
from lab.measure.server import ServerProcess
from lab.measure.stats import Comparison, paired_ratio
from lab.measure.threshold import Side, place
from transports import registry
from transports._shared.extras import missing

PLAIN, WEBSOCKET = "websocket", "websocket+tls"
HTTP_2, SOCKETIO = "websocket-h2+tls", "socketio-websocket+tls"
BARE_QUIC = "quic"
"""No transport of the registry: see `bare_quic`."""
WEBTRANSPORT, SOCKETIO_WEBTRANSPORT = "webtransport", "socketio-webtransport"
LABELS = (PLAIN, WEBSOCKET, HTTP_2, SOCKETIO, BARE_QUIC, WEBTRANSPORT, SOCKETIO_WEBTRANSPORT)

ROOM, MEMBERS, TEXT_BYTES = "lobby", 10, 64
CONNECTS, REPLIES, MESSAGES, IN_FLIGHT = 5, 20, 32, 16
ALONE = 8
"""Messages in a pass with one in flight."""
PASSES = 12
FASTER = 1.0
"""A time below that of WebSocket is faster, if the interval shows it."""
DELIVERY_BYTES, ACK_BYTES = 160, 10
"""About the bytes of a delivery of such a text in a packet of QUIC, and of an acknowledgement."""

CONNECT, REPLY, DELIVERY = "connect", "reply", "delivery"
TLS, STREAM, QUIC, HTTP_3 = "tls", "stream", "quic", "http/3"
ENGINE_IO, ENGINE_IO_TCP = "engine.io", "over tcp"
STEPS = {
    TLS: (WEBSOCKET, PLAIN),
    STREAM: (HTTP_2, WEBSOCKET),
    QUIC: (BARE_QUIC, WEBSOCKET),
    HTTP_3: (WEBTRANSPORT, BARE_QUIC),
    ENGINE_IO: (SOCKETIO_WEBTRANSPORT, WEBTRANSPORT),
    ENGINE_IO_TCP: (SOCKETIO, WEBSOCKET),
}
"""What one layer more costs: with it, and without it."""


class Times(msgspec.Struct, frozen=True):
    """What was measured on one transport, one value per pass; times in ns.

    `connect`: until a command can be sent, the fastest of some connects, because other work on the
    machine can only add to it. `reply`: from a message to its reply, the median of some.
    `delivery`: wall time for each delivery, with 16 messages in flight. `cpu`, `packets`: of the
    server, and in both directions, for the same. `alone_cpu`, `alone_packets`: with one in flight.
    """

    connect: tuple[float, ...]
    reply: tuple[float, ...]
    delivery: tuple[float, ...]
    cpu: tuple[float, ...]
    packets: tuple[float, ...]
    alone_cpu: tuple[float, ...]
    alone_packets: tuple[float, ...]


Measured = Mapping[str, Times]
"""Label -> its times."""


def speeds(found: Measured) -> dict[str, Comparison]:
    """WebTransport's times as a multiple of those of WebSocket over TLS, pass by pass."""
    ours, theirs = found[WEBTRANSPORT], found[WEBSOCKET]
    return {
        CONNECT: _ratio(ours.connect, theirs.connect),
        REPLY: _ratio(ours.reply, theirs.reply),
        DELIVERY: _ratio(ours.delivery, theirs.delivery),
    }


class Step(msgspec.Struct, frozen=True):
    """The server's CPU for a delivery, with one layer more and without it.

    `many`: with 16 messages in flight. `alone`: with one.
    """

    many: Comparison
    alone: Comparison


def steps(found: Measured) -> dict[str, Step]:
    """What each layer costs."""
    return {
        step: Step(
            _ratio(found[label].cpu, found[against].cpu),
            _ratio(found[label].alone_cpu, found[against].alone_cpu),
        )
        for step, (label, against) in STEPS.items()
    }


def _ratio(ours: Sequence[float], theirs: Sequence[float]) -> Comparison:
    return paired_ratio(ours, theirs, lower_is_better=True, seed=PASSES)


def judge(found: Iterable[Comparison]) -> Verdict:
    """Judge whether WebTransport is faster in everything, in some, or in nothing."""
    return verdict_of_sides([place(each, FASTER).side for each in found], holds=Side.BELOW)


@dataclass
class Populated(Served):
    """A server with a room full of clients, and what was measured of them."""

    members: list[Connection] = field(default_factory=list)

    async def measure(self, seed: int) -> tuple[float, ...]:
        """Return the values of one pass, as in `Times`. Raises RuntimeError where one is lost."""
        sender = self.members[0]
        connect = min(await handshakes(self.connect, CONNECTS))
        texts = incompressible(TEXT_BYTES, REPLIES + MESSAGES + ALONE, seed)
        reply = median(await round_trips(sender, ROOM, texts[:REPLIES]))
        many = await self.deliver(sender, ROOM, texts[REPLIES:-ALONE], IN_FLIGHT)
        alone = await self.deliver(sender, ROOM, texts[-ALONE:], 1)
        return (connect, reply, *many, *alone[1:])


@asynccontextmanager
async def populated(label: str, cores: frozenset[int]) -> AsyncIterator[Populated]:
    """Serve what a label names on these cores, and fill its room."""
    transport, module = _transport(original(label))
    arguments = ["--unpaced", *(["--tls"] if over_tls(label) else [])]
    with ServerProcess(transport.name, arguments, module=module) as server:
        pin(server.pid, cores)
        authority = server.ready.get("authority")
        options = ConnectOptions(tls=None if authority is None else ClientTls(authority))
        served = Populated(transport, server, options, Audience(MEMBERS))
        async with served.fleet(ROOM) as members:
            served.members = members.connections
            yield served


def _transport(name: str) -> tuple[Transport, str]:
    """A transport, and the module that serves it."""
    if name != BARE_QUIC:
        return registry.load(name), "lab.cli"
    from lab.claims._support import bare_quic  # noqa: PLC0415 - an extra

    return bare_quic.BareQuic(), bare_quic.__name__


async def measure(labels: Sequence[str], passes: int) -> dict[str, Times]:
    """Measure each label in interleaved, shuffled passes, and one more, which does not count."""
    found: dict[str, list[tuple[float, ...]]] = {label: [] for label in labels}
    async with AsyncExitStack() as stack:
        cores = stack.enter_context(on_separate_cores())
        rooms = {
            label: await stack.enter_async_context(populated(label, cores)) for label in labels
        }
        for number in range(passes + 1):
            for label in random.Random(number).sample(labels, len(labels)):
                values = await rooms[label].measure(number)
                found[label] += [values] if number else []
    return {label: Times(*zip(*values, strict=True)) for label, values in found.items()}


async def test() -> Finding:
    """Measure WebTransport beside WebSocket over TLS, and each layer between."""
    needs(missing("aioquic"), missing("h2"), missing("trustme"))
    found = await measure(LABELS, PASSES)
    fast = speeds(found)
    evidence = (
        *_speeds(fast),
        *_steps(steps(found)),
        _parts(found[WEBTRANSPORT], packet_cost(DELIVERY_BYTES, ACK_BYTES)),
        *map(_describe, found.items()),
    )
    return Finding(judge(fast.values()), in_short(fast), evidence)


def in_short(found: Mapping[str, Comparison]) -> Bilingual:
    """Return WebTransport's times, as multiples."""
    each = (EACH.fill(what=TIMED[what], ratio=ratio.ratio) for what, ratio in found.items())
    return IN_SHORT.fill(each=joined(", ", each))


TIMED = {
    CONNECT: Bilingual("to connect", "연결"),
    REPLY: Bilingual("to a reply", "응답"),
    DELIVERY: Bilingual("for a delivery", "전달"),
}
EACH = Bilingual("{what} {ratio:.1f}×", "{what} {ratio:.1f}배")
IN_SHORT = Bilingual(
    "WebTransport's time, against WebSocket over TLS, on one machine: {each}.",
    "한 컴퓨터에서 TLS 위의 WebSocket에 대한 WebTransport의 시간: {each}.",
)
SPEED = Bilingual(
    "WebTransport's time {what}, against WebSocket over TLS: {shown}: {placed}.",
    "TLS 위의 WebSocket에 대한 WebTransport의 {what} 시간: {shown}: {placed}.",
)
PLACED = {
    Side.BELOW: Bilingual("faster", "더 빠름"),
    Side.ABOVE: Bilingual("slower", "더 느림"),
    Side.UNDECIDED: Bilingual(
        "can't tell, because the interval covers {limit:g}×; {needed} would show it",
        "구간이 {limit:g}배를 포함하여 판단할 수 없으며, {needed} 필요함",
    ),
}
STEP = Bilingual(
    "Server CPU per delivery, {what} ({label} against {against}): {many} with {in_flight} messages "
    "in flight, {alone} with one.",
    "전달 한 번의 서버 CPU, {what} ({against}에 대한 {label}): 보내는 중인 메시지가 "
    "{in_flight}개이면 {many}, 1개이면 {alone}.",
)
STEPPED = {
    TLS: Bilingual("TLS, in C", "C로 된 TLS"),
    STREAM: Bilingual(
        "HTTP/2 in Python, over TCP in the kernel", "커널의 TCP 위, Python으로 된 HTTP/2"
    ),
    QUIC: Bilingual(
        "QUIC in Python, instead of TCP in the kernel and TLS in C",
        "커널의 TCP와 C로 된 TLS 대신 Python으로 된 QUIC",
    ),
    HTTP_3: Bilingual("HTTP/3 and a session on QUIC", "QUIC 위의 HTTP/3과 세션"),
    ENGINE_IO: Bilingual("Socket.IO on WebTransport", "WebTransport 위의 Socket.IO"),
    ENGINE_IO_TCP: Bilingual("Socket.IO on WebSocket", "WebSocket 위의 Socket.IO"),
}
PARTS = Bilingual(
    "On {label} with one message in flight, a delivery costs {cpu:.0f} µs of server CPU and "
    "{packets:.1f} packets. For so many, encryption and decryption take {crypto:.1f} µs, and the "
    "calls of the kernel {calls:.1f} µs, each timed by itself. The rest, {rest:.0f} %, is nearly "
    "all Python.",
    "{label}에서 보내는 중인 메시지가 1개이면 전달 한 번에 서버 CPU {cpu:.0f} µs와 패킷 "
    "{packets:.1f}개가 듭니다. 따로 재면 그만큼의 암호화와 복호화에 {crypto:.1f} µs, 커널 호출에 "
    "{calls:.1f} µs가 걸립니다. 나머지 {rest:.0f} %는 거의 모두 Python입니다.",
)
ONE = Bilingual(
    "{label}: connect {connect:.2f} ms, reply {reply:.0f} µs, {rate:,.0f} deliveries a second; a "
    "delivery costs {cpu:.1f} µs of server CPU and {packets:.2f} packets, and with one message in "
    "flight {alone_cpu:.1f} µs and {alone_packets:.2f} packets.",
    "{label}: 연결 {connect:.2f} ms, 응답 {reply:.0f} µs, 초당 전달 {rate:,.0f}번. 전달 한 번에 "
    "서버 CPU {cpu:.1f} µs와 패킷 {packets:.2f}개가 들고, 보내는 중인 메시지가 1개이면 "
    "{alone_cpu:.1f} µs와 패킷 {alone_packets:.2f}개가 듭니다.",
)


def _speeds(found: Mapping[str, Comparison]) -> Iterator[Bilingual]:
    for what, compared in found.items():
        placed = place(compared, FASTER)
        words = PLACED[placed.side].fill(limit=FASTER, needed=needed(placed))
        yield SPEED.fill(what=TIMED[what], shown=shown(compared), placed=words)


def _steps(found: Mapping[str, Step]) -> Iterator[Bilingual]:
    for name, step in found.items():
        label, against = STEPS[name]
        yield STEP.fill(
            what=STEPPED[name],
            label=label,
            against=against,
            many=shown(step.many),
            alone=shown(step.alone),
            in_flight=IN_FLIGHT,
        )


def _parts(found: Times, of_two: PacketCost) -> Bilingual:
    """Say what a delivery costs beside encryption and the kernel, with one message in flight."""
    cpu, packets = median(found.alone_cpu), median(found.alone_packets)
    crypto, calls = (packets / 2 * each for each in of_two)
    return PARTS.fill(
        label=WEBTRANSPORT,
        cpu=cpu / 1e3,
        packets=packets,
        crypto=crypto / 1e3,
        calls=calls / 1e3,
        rest=100 * (cpu - crypto - calls) / cpu,
    )


def _describe(one: tuple[str, Times]) -> Bilingual:
    label, found = one
    return ONE.fill(
        label=label,
        connect=median(found.connect) / 1e6,
        reply=median(found.reply) / 1e3,
        rate=1e9 / median(found.delivery),
        cpu=median(found.cpu) / 1e3,
        packets=median(found.packets),
        alone_cpu=median(found.alone_cpu) / 1e3,
        alone_packets=median(found.alone_packets),
    )


CLAIM = Claim(
    name="webtransport-faster",
    said=Bilingual(
        "WebTransport is faster than WebSocket.",
        "WebTransport는 WebSocket보다 빠릅니다.",
    ),
    experiment=Bilingual(
        "Clients connect, wait for replies, and send messages to a room of ten, on WebTransport "
        "and on WebSocket over TLS, in interleaved passes. Both ends are on one machine, and lose "
        "no packet. The lab also measures the server's CPU with one layer more and without it, and "
        "counts packets.",
        "클라이언트가 WebTransport와 TLS 위의 WebSocket으로 연결하고, 응답을 기다리고, 열 명짜리 "
        "방에 메시지를 보냅니다. 번갈아 여러 번 측정하며, 양쪽이 한 컴퓨터에 있어 패킷 손실이 "
        "없습니다. 계층이 하나 더 있을 때와 없을 때의 서버 CPU도 측정하고, 패킷도 셉니다.",
    ),
    verdict=Verdict.DOES_NOT_HOLD,
    because=Bilingual(
        "This is a verdict on these libraries, and not on the protocol. `aioquic` is Python: the "
        "program itself builds and acknowledges each packet, where the kernel does so for TCP. "
        "So its packets are what a delivery costs, and Socket.IO sends one for each message. "
        "WebTransport waits one round trip less until it is open, which shows only over a "
        "distance. On a link that loses packets its slowest messages are faster: `lab bench "
        "--experiment loss` measures it.",
        "이것은 이 라이브러리들에 대한 판정이고 프로토콜에 대한 판정이 아닙니다. `aioquic`은 "
        "Python이어서 프로그램이 직접 패킷을 만들고 확인 응답하며, TCP에서는 커널이 그 일을 "
        "합니다. 그래서 전달의 비용은 패킷 수에 달렸고, Socket.IO는 메시지마다 패킷을 하나씩 "
        "보냅니다. "
        "WebTransport는 열릴 때까지 왕복을 한 번 덜 기다리지만, 그것은 거리가 있어야 드러납니다. "
        "패킷이 손실되는 링크에서는 가장 느린 메시지가 더 빠르고, `lab bench --experiment "
        "loss`로 잽니다.",
    ),
    test=test,
    common_belief=True,
    notebook="13_transports_of_today",
)
