"""The lesson of 10_tls: what TLS adds to a handshake, to a message, and to a server."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

from lab.decode.tree import Trace
from lab.ledger.ledger import Entry
from lab.load.tapped import Script
from lab.notebook.guess import Expected
from lab.notebook.lessons.conversation import blocks, both, captured, connect, only, parts
from lab.notebook.pictures import Picture, stacks
from lab.notebook.prose import Prose, table
from lab.notebook.recorded import Recorded
from lab.notebook.served_transport import served

GREETINGS = ("hello",) * 5
FAR_RTT_MS = 80
WITHOUT, WITH = "without TLS", "with TLS"
COSTS = {
    "connect_server_cpu_ms": ("server CPU of a connect, ms", "연결할 때 서버의 CPU, ms"),
    "server_cpu_us_per_delivery_100": (
        "server CPU of a delivery, room of 100, µs",
        "100명인 방에서 전달 한 번의 서버 CPU, µs",
    ),
    "memory_connected_kib": ("memory of an idle connection, KiB", "쉬는 연결의 메모리, KiB"),
}
"""A figure's key -> its name in English and Korean."""

RECORD_BYTES = Expected(
    22,
    "RFC 8446, 5.1 and 5.2: 5 bytes of head, 1 of type, 16 of the tag that proves it is genuine.",
    "RFC 8446 5.1절과 5.2절: 헤더 5바이트, 종류 1바이트, 위조를 막는 태그 16바이트입니다.",
    within=0,
)
FARTHER = Expected(
    FAR_RTT_MS,
    "How many round trips more are there, and how long does each take?",
    "왕복이 몇 번 더 있고, 한 번에 얼마나 걸립니까?",
)


@dataclass(frozen=True)
class Conversations:
    """Transport -> a conversation without TLS, and the same with it."""

    plain: Mapping[str, Trace]
    secured: Mapping[str, Trace]

    @cached_property
    def entries(self) -> dict[str, dict[str, Entry]]:
        """Transport -> without or with TLS -> the ledger."""
        return {
            name: {WITHOUT: only(self.plain[name]), WITH: only(self.secured[name])}
            for name in self.plain
        }

    def round_trips(self, transport: str, way: str = WITH) -> float:
        """Return the round trips until a command can be sent."""
        return connect(self.entries[transport][way]).round_trips

    def connect_bytes(self, transport: str, way: str = WITH) -> float:
        """Return the bytes until a command can be sent, both directions together."""
        return both(connect(self.entries[transport][way]).cost)

    def message_bytes(self, transport: str, way: str = WITH) -> float:
        """Return the bytes of one `say` and its reply."""
        return both(self.entries[transport][way].message)

    def picture(self) -> Picture:
        """Draw the bytes of handshakes and of messages by part, without TLS and with it."""
        rows = {
            f"{name}, {way}": entry
            for name, ways in self.entries.items()
            for way, entry in ways.items()
        }
        first = next(iter(self.entries))
        times = self.connect_bytes(first) / self.connect_bytes(first, WITHOUT)
        return stacks(
            {
                "until connected": {row: parts(connect(it).cost) for row, it in rows.items()},
                "one say, with its reply": {row: parts(it.message) for row, it in rows.items()},
            },
            f"With TLS a handshake on {first} takes {times:.1f} times the bytes, "
            "and a message hardly more",
            "full handshakes of TLS 1.3; means of five messages; TCP's and IP's own headers are "
            "not counted",
        )

    def counted(self) -> Prose:
        """Return a table of round trips and bytes."""
        heads = ["transport", "round trips", "with TLS", "bytes", "with TLS", "a say", "with TLS"]
        korean = ["전송 방식", "왕복", "TLS", "바이트", "TLS", "say 하나", "TLS"]
        return table(heads, map(self._row, self.entries), korean)

    def _row(self, name: str) -> list[str]:
        counted = (self.round_trips, self.connect_bytes, self.message_bytes)
        return [f"`{name}`", *(f"{of(name, way):.0f}" for of in counted for way in (WITHOUT, WITH))]

    def handshake(self, transport: str) -> str:
        """Return the records of a handshake, each with its size and its direction."""
        return "\n".join(blocks(self.secured[transport], ("TLS",), lines_each=1)[:10])

    def answer(self) -> Prose:
        """Say how many round trips and bytes TLS adds on each transport."""
        more = [
            (name, self.round_trips(name) - self.round_trips(name, WITHOUT)) for name in self.plain
        ]
        trips = ", ".join(f"**{count:.0f}** on `{name}`" for name, count in more)
        trips_ko = ", ".join(f"`{name}` **{count:.0f}번**" for name, count in more)
        first = next(iter(self.plain))
        added = self.connect_bytes(first) - self.connect_bytes(first, WITHOUT)
        said = self.message_bytes(first) - self.message_bytes(first, WITHOUT)
        return Prose(
            f"TLS adds these round trips until a client is connected: {trips}. On `{first}` it "
            f"adds {added:,.0f} B to the handshake and {said:.0f} B to a `say` with its reply.",
            f"연결될 때까지 TLS가 더하는 왕복: {trips_ko}. `{first}`에서는 핸드셰이크에 "
            f"{added:,.0f} B, `say`와 그 응답에 {said:.0f} B를 더합니다.",
        )


async def measure(transports: Sequence[str]) -> Conversations:
    """Capture a conversation without TLS and one with it on each: nothing here is timed."""
    plain = await asyncio.gather(*(_conversation(name) for name in transports))
    secured = await asyncio.gather(*(_conversation(name, "--tls") for name in transports))
    return Conversations(
        dict(zip(transports, plain, strict=True)), dict(zip(transports, secured, strict=True))
    )


async def _conversation(transport: str, *arguments: str) -> Trace:
    async with served(transport, *arguments) as running:
        return await captured(running, Script(texts=GREETINGS))


def costs(recorded: Recorded, transport: str) -> Prose:
    """Return a table of what a server pays in the lab's own run, without TLS and with it."""
    labels = (transport, f"{transport}+tls")
    rows = [[key, *(recorded.shown(key, label) for label in labels)] for key in COSTS]
    english = table(["", WITHOUT, WITH], [[COSTS[key][0], *row] for key, *row in rows])
    korean = table(["", "TLS 없이", "TLS"], [[COSTS[key][1], *row] for key, *row in rows])
    return Prose(english.markdown, korean.markdown)
