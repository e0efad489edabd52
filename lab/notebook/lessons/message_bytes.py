"""The lesson of 02_bytes_on_the_wire: what one "hello" takes, and when that stops to matter."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import pairwise

from lab.decode.tree import Trace
from lab.ledger.ledger import Entry
from lab.load.tapped import Script
from lab.load.texts import incompressible
from lab.notebook.guess import Expected
from lab.notebook.lessons.conversation import (
    HEARTBEAT,
    IDLE_S,
    LABELS,
    blocks,
    both,
    by_part,
    captured,
    idle,
    only,
    parts,
    present,
)
from lab.notebook.pictures import Chart, Picture, charts, stacks
from lab.notebook.prose import Prose, table
from lab.notebook.served_transport import served

GREETINGS = ("hello",) * 5
MANY = 10_000

HEADER = Expected(
    8,
    "RFC 6455, 5.2: 2 bytes, then 2 more for a length above 125, then the client's mask.",
    "RFC 6455 5.2절: 2바이트에, 길이가 125를 넘으면 2바이트, 클라이언트라면 마스크가 더해집니다.",
    within=0,
)


@dataclass(frozen=True)
class Conversations:
    """Transport -> a conversation with an idle end; and one for each size of text."""

    talks: Mapping[str, Trace]
    sized: Mapping[str, dict[int, Trace]]

    @cached_property
    def entries(self) -> dict[str, Entry]:
        """Transport -> the ledger of its conversation."""
        return {name: only(trace) for name, trace in self.talks.items()}

    def message(self) -> dict[str, float]:
        """Transport -> bytes of one `say` of "hello" with its reply."""
        return {name: both(entry.message) for name, entry in self.entries.items()}

    def headers(self, transport: str) -> float:
        """Return which percentage of a `say` and its reply is HTTP headers."""
        message = parts(self.entries[transport].message)
        return 100 * message["http"] / sum(message.values())

    def picture(self) -> Picture:
        """Draw the bytes of a message and of its delivery, by part."""
        total = self.message()
        most = max(total, key=lambda name: total[name])
        return stacks(
            by_part(self.entries),
            f'To say "hello", {most} takes {total[most] / total["websocket"]:.1f} times the bytes '
            "of websocket",
            "means of five messages, one at a time; TCP's and IP's own headers are not counted",
        )

    def ledger(self) -> Prose:
        """Return a table of the bytes by direction, and of the shares of a `say`."""
        heads = ["transport", "say, up", "reply, down", "delivery"]
        korean = ["전송 방식", "say, 올라감", "응답, 내려옴", "전달"]
        return table(
            [*heads, "payload of a say", "framing", "HTTP headers"],
            [self._ledger_row(name, entry) for name, entry in self.entries.items()],
            [*korean, "say의 페이로드", "프레이밍", "HTTP 헤더"],
        )

    def _ledger_row(self, name: str, entry: Entry) -> list[str]:
        message = present(entry.message)
        shares = parts(message)
        return [
            f"`{name}`",
            f"{message.up.total:.0f} B",
            f"{message.down.total:.0f} B",
            f"{both(entry.delivery):.0f} B",
            *(f"{shares[label] / both(message):.1%}" for label in LABELS),
        ]

    def first_says(self) -> str:
        """Return the first message of each transport that carries a `say`, byte by byte."""
        return "\n\n".join(
            f"{name}\n{blocks(trace, ('→', 'say #'), lines_each=12)[0]}"
            for name, trace in self.talks.items()
        )

    def overhead(self, transport: str, size: int) -> float:
        """Return the bytes of a `say` and its reply without the text itself."""
        return both(only(self.sized[transport][size]).message) - size

    def by_size(self) -> Picture:
        """Draw all other bytes per byte of text, over the text's size."""
        series, ends = {}, {}
        for name, traces in self.sized.items():
            sizes = sorted(traces)
            ratios = [self.overhead(name, size) / size for size in sizes]
            series[name], ends[name] = (sizes, ratios), ratios[0]
        most = max(ends, key=lambda name: ends[name])
        chart = Chart(
            "text of one message, in bytes", "all other bytes per byte of text", series, log="xy"
        )
        return charts(
            [chart],
            f"At {sizes[0]} B {most} sends {ends[most]:.0f} times the text around it, "
            f"at {sizes[-1]:,} B hardly anything",
            "a say and its reply, through the relay; logarithmic scales",
        )

    def estimate(self, transport: str) -> int:
        """Estimate the size at which the other bytes are as many as the text, by interpolation.

        Raises ValueError where no sampled size has more text than other bytes.
        """
        points = [(size, self.overhead(transport, size)) for size in sorted(self.sized[transport])]
        for (low, before), (high, after) in pairwise(points):
            if after < high:
                slope = (after - before) / (high - low)
                return round((before - slope * low) / (1 - slope))
        raise ValueError(f"{transport}: no sampled size has more text than other bytes")

    async def crossings(self, around: int) -> Prose:
        """Measure every size `around` the estimates: from which one on is more than half text?"""
        names = list(self.sized)
        estimates = {name: self.estimate(name) for name in names}
        measured = await asyncio.gather(*(self._crossing(n, estimates[n], around) for n in names))
        return table(
            ["transport", "estimate", "measured: more text than other bytes from"],
            [
                [f"`{name}`", f"{estimates[name]} B", f"**{size} B**"]
                for name, size in zip(names, measured, strict=True)
            ],
            ["전송 방식", "추정", "측정: 텍스트가 나머지보다 많아지는 크기"],
        )

    async def _crossing(self, transport: str, estimate: int, around: int) -> int:
        sizes = range(estimate - around, estimate + around + 1)
        async with served(transport) as running:
            traces = {size: await captured(running, _script(size)) for size in sizes}
        over = {size: both(only(trace).message) - size for size, trace in traces.items()}
        return next(b for a, b in pairwise(sizes) if over[a] >= a and over[b] < b)

    def idle_minute(self) -> Prose:
        """Return a table of an idle minute's bytes."""
        return table(
            ["transport", "an idle minute"],
            [[f"`{name}`", f"{size:.0f} B"] for name, size in idle(self.entries).items()],
            ["전송 방식", "조용한 1분"],
        )

    def many_idle_kbit_s(self, transport: str) -> Expected:
        """Expect what 10 000 idle connections take, in kbit/s."""
        return Expected(
            idle(self.entries)[transport] * MANY * 8 / 60 / 1000,
            "Bytes a minute × connections × 8 bits ÷ 60 s ÷ 1000.",
            "1분의 바이트 수 × 연결 수 × 8비트 ÷ 60초 ÷ 1000입니다.",
        )

    def answer(self) -> Prose:
        """Say what the message takes, and what of it is HTTP."""
        total = self.message()
        extra = total["socketio-websocket"] - total["websocket"]
        costs = ", ".join(f"**{size:.0f} B** on `{name}`" for name, size in total.items())
        korean = ", ".join(f"`{name}` **{size:.0f} B**" for name, size in total.items())
        share = self.headers("socketio-polling")
        longer, longer_ko = ("longer", "깁니다") if extra > 0 else ("shorter", "짧습니다")
        return Prose(
            f'One "hello" with its reply takes {costs}. Over polling {share:.0f} % of that is HTTP '
            "headers. The two WebSocket transports send none after the handshake. Over WebSocket, "
            f"Socket.IO's message is {abs(extra):.0f} B {longer} than the native one.",
            f'"hello" 하나와 그 응답의 크기는 {korean}입니다. 폴링에서는 그 가운데 {share:.0f} %가 '
            "HTTP 헤더입니다. WebSocket을 쓰는 두 전송 방식은 핸드셰이크가 끝나면 헤더를 보내지 "
            f"않습니다. WebSocket 위에서 Socket.IO의 메시지는 네이티브보다 {abs(extra):.0f} B "
            f"{longer_ko}.",
        )


async def measure(transports: Sequence[str], sizes: Sequence[int]) -> Conversations:
    """Capture the conversations of all transports at once: nothing here is timed."""
    found = await asyncio.gather(*(_conversations(name, sizes) for name in transports))
    pairs = dict(zip(transports, found, strict=True))
    return Conversations(
        {name: talk for name, (talk, _) in pairs.items()},
        {name: sized for name, (_, sized) in pairs.items()},
    )


async def _conversations(transport: str, sizes: Sequence[int]) -> tuple[Trace, dict[int, Trace]]:
    async with served(transport, *HEARTBEAT) as running:
        talk = await captured(running, Script(texts=GREETINGS, idle_s=IDLE_S))
        return talk, {size: await captured(running, _script(size)) for size in sizes}


def _script(size: int) -> Script:
    return Script(texts=tuple(incompressible(size, 3)))
