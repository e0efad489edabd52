"""The lesson of 01_handshake: round trips by the clock and from the bytes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from operator import attrgetter

from lab.decode.tree import Trace
from lab.ledger.conversations import conversations
from lab.ledger.ledger import Entry
from lab.ledger.round_trips import count_round_trips
from lab.ledger.session import Step
from lab.ledger.show import annotate
from lab.load.closed_loop import handshakes
from lab.load.tapped import Script
from lab.measure.slope import Slope, fit
from lab.notebook.guess import Expected
from lab.notebook.lessons.conversation import captured, connect, only, present
from lab.notebook.pictures import Chart, Picture, charts
from lab.notebook.prose import Prose, table
from lab.notebook.served_transport import ServedTransport, served
from lab.relay.relay import Network

MS_NS = 1_000_000
AGREE_RTT = 0.3
"""Two counts of whole round trips that differ by less than this are the same count."""

WAITS = Expected(
    "b",
    "Does a second library change how often the client has to wait for an answer?",
    "라이브러리가 바뀐다고 클라이언트가 응답을 기다리는 횟수가 달라집니까?",
)


@dataclass(frozen=True)
class Handshakes:
    """Transport -> RTT in ns -> the handshakes' times in ns; and one decoded conversation each."""

    samples: Mapping[str, Mapping[int, Sequence[int]]]
    traces: Mapping[str, Trace]

    @property
    def slopes(self) -> dict[str, Slope]:
        """Transport -> its fitted line: round trips, and the work that does not depend on them."""
        return {name: fit(samples) for name, samples in self.samples.items()}

    @property
    def counted(self) -> dict[str, Entry]:
        """Transport -> the ledger of its conversation."""
        return {name: only(trace) for name, trace in self.traces.items()}

    def round_trips(self) -> dict[str, float]:
        """Transport -> round trips until it can send a command, counted from the bytes."""
        return {name: connect(entry).round_trips for name, entry in self.counted.items()}

    def picture(self) -> Picture:
        """Draw each handshake's time over the network's RTT, with the fitted lines."""
        slopes = self.slopes
        chart = Chart(
            x="round-trip time of the network, in ms",
            y="until a command can be sent, in ms",
            series={name: _points(samples) for name, samples in self.samples.items()},
            through={name: _line(slopes[name], max(self.samples[name])) for name in slopes},
            labels={name: f"{name}: {one.round_trips:.2f} RTT" for name, one in slopes.items()},
        )
        most, least = (f(slopes, key=lambda name: slopes[name].round_trips) for f in (max, min))
        title = (
            f"{most} waits {slopes[most].round_trips:.1f} times for an answer, "
            f"{least} waits {slopes[least].round_trips:.1f} times"
        )
        return charts([chart], title, "points: handshakes through the relay; lines: Theil-Sen fits")

    def both_counts(self) -> Prose:
        """Return a table with the round trips by the clock and from the bytes."""
        heads = ["transport", "by the clock", "from the bytes", "until joined"]
        heads += ["TCP connections", "HTTP requests"]
        korean = ["전송 방식", "시계로", "바이트로", "입장까지", "TCP 연결", "HTTP 요청"]
        slopes = self.slopes
        return table(
            heads,
            [
                [
                    f"`{name}`",
                    f"{slopes[name].round_trips:.2f}",
                    connect(entry).round_trips,
                    present(entry.joined).round_trips,
                    connect(entry).tcp_connections,
                    connect(entry).http_requests,
                ]
                for name, entry in self.counted.items()
            ],
            korean,
        )

    def agree(self) -> Prose:
        """Say by how much the two counts differ."""
        counted, slopes = self.counted, self.slopes
        apart = max(
            abs(slopes[name].round_trips - connect(counted[name]).round_trips) for name in slopes
        )
        same = apart <= AGREE_RTT
        agree = "agree" if same else "do NOT agree, so one of them is wrong"
        korean = "일치합니다" if same else "일치하지 않으므로 하나는 틀렸습니다"
        return Prose(
            f"The two counts are independent. They differ by {apart:.2f} at most: they {agree}.",
            f"두 값은 서로 독립적으로 구했습니다. 차이는 최대 {apart:.2f}이고, 두 값은 {korean}.",
        )

    def chain(self, transport: str) -> str:
        """Return the steps of which each had to wait for the one before, a line each."""
        (conversation, *_) = conversations(self.traces[transport])
        steps = _chain(present(count_round_trips(conversation).ready))
        return "\n".join([transport, *(f"   {_arrow(step)} {_describe(step)}" for step in steps)])

    def bytes_of(self, transport: str, lines: int) -> str:
        """Return the first annotated lines of the conversation."""
        return "\n".join(list(annotate(self.traces[transport], lines_each=3))[:lines])

    def at_ms(self, transport: str, rtt_ms: float) -> float:
        """Return how long the handshake takes at a distance, in ms, by the fitted line."""
        slope = self.slopes[transport]
        return slope.base_ns / MS_NS + slope.round_trips * rtt_ms

    def far(self, rtt_ms: float) -> Prose:
        """Return a table of the times near the server and at a distance."""
        heads = ["transport", "0 ms", f"{rtt_ms} ms"]
        return table(
            heads,
            [
                [f"`{name}`", *(f"{self.at_ms(name, ms):,.0f} ms" for ms in (0, rtt_ms))]
                for name in self.samples
            ],
            ["전송 방식", "0 ms", f"{rtt_ms} ms"],
        )

    def saved_ms(self, rtt_ms: float) -> Expected:
        """Expect how many ms the direct WebSocket saves against Socket.IO's default."""
        longer, shorter = (self.at_ms(name, rtt_ms) for name in ("socketio", "socketio-websocket"))
        return Expected(
            longer - shorter,
            "Subtract the two round-trip counts, and multiply by the distance.",
            "왕복 횟수의 차이에 거리를 곱하십시오.",
            within=0.15,
        )


async def measure(transports: Sequence[str], rtts_ms: Sequence[int]) -> Handshakes:
    """Connect at each round-trip time, and capture one conversation a transport."""
    samples, traces = {}, {}
    for transport in transports:
        async with served(transport) as running:
            samples[transport] = await _timed(running, rtts_ms)
            traces[transport] = await _captured(running)
    return Handshakes(samples, traces)


async def _timed(running: ServedTransport, rtts_ms: Sequence[int]) -> dict[int, list[int]]:
    await handshakes(running.connect, 1)  # warm up the code
    samples = {}
    for rtt_ms in rtts_ms:
        running.relay.set(Network(delay_ns=rtt_ms * MS_NS // 2))
        samples[rtt_ms * MS_NS] = await handshakes(running.connect, 2)
    return samples


async def _captured(running: ServedTransport) -> Trace:
    return await captured(running, Script(), Network(delay_ns=5 * MS_NS))


def _points(samples: Mapping[int, Sequence[int]]) -> tuple[list[float], list[float]]:
    pairs = [(rtt, time) for rtt, times in samples.items() for time in times]
    return [rtt / MS_NS for rtt, _ in pairs], [time / MS_NS for _, time in pairs]


def _line(slope: Slope, far_ns: int) -> tuple[list[float], list[float]]:
    base_ms, far_ms = slope.base_ns / MS_NS, far_ns / MS_NS
    return [0, far_ms], [base_ms, base_ms + slope.round_trips * far_ms]


def _chain(step: Step) -> list[Step]:
    earlier = [need for need in step.needs if need.first_ns <= step.first_ns]

    def trips(need: Step) -> tuple[int, int]:
        turned = (need.direction, step.direction) == ("up", "down")
        return need.depth + turned, need.last_ns

    before = max(earlier, key=trips, default=None)
    return [*(_chain(before) if before else []), step]


def _arrow(step: Step) -> str:
    return f"{step.depth + 1} →" if step.direction == "up" else "  ←"


def _describe(step: Step) -> str:
    if not step.nodes:
        return "SYN of a TCP connection" if step.kind == "dial" else "SYN-ACK"
    summaries = map(attrgetter("summary"), step.packets)
    outer, *inner = [summary.partition("&t=")[0] for summary in summaries if summary]
    return ": ".join([outer, *inner[-1:]] if step.kind != "frame" else inner[-1:])
