"""The lesson of 11_compression: what compression saves, and what a server pays for it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

from lab import compression
from lab.decode.tree import Trace
from lab.ledger.ledger import Entry
from lab.load.tapped import Script
from lab.measure.figures.compression import SIZES, key
from lab.notebook.guess import Expected
from lab.notebook.lessons.conversation import blocks, both, by_part, captured, only
from lab.notebook.pictures import Picture, stacks
from lab.notebook.prose import Prose, table
from lab.notebook.recorded import Recorded
from lab.notebook.served_transport import served
from lab.report.text.compressed import MEMORY
from lab.report.text.over_tls import compared
from lab.weigh import samples

TRANSPORT = "websocket"
TEXT_BYTES = 200
OFF, KEPT, ALONE = "off", "15:6", "15:6:no-takeover"
FIGURES = {
    "bytes": ("bytes of a delivery", "전달 한 번의 바이트"),
    "server": ("server CPU of a delivery, µs", "전달 한 번의 서버 CPU, µs"),
}
"""What a run of the experiment measures -> its name in English and Korean."""

MEMBERS = 100
COPIES = Expected(
    MEMBERS,
    "Each connection has a context of its own. What does that mean for the bytes it needs?",
    "연결마다 자기 문맥이 있습니다. 그러면 연결에 필요한 바이트는 어떻게 됩니까?",
    within=0,
)
CONNECTIONS = 10_000


@dataclass(frozen=True)
class Conversations:
    """Compression -> the same conversation on `TRANSPORT`."""

    traces: Mapping[str, Trace]

    @cached_property
    def entries(self) -> dict[str, Entry]:
        """Compression -> the ledger."""
        return {way: only(trace) for way, trace in self.traces.items()}

    def delivery(self, way: str) -> float:
        """Return the bytes of a delivery to one member, the mean over all messages."""
        return both(self.entries[way].delivery)

    def picture(self) -> Picture:
        """Draw the bytes of messages and of deliveries by part, for each compression."""
        share = self.delivery(KEPT) / self.delivery(OFF)
        return stacks(
            by_part(self.entries),
            f"With its context kept, a delivery takes {share:.0%} of its bytes",
            f"chat on {TRANSPORT}; the bytes of compressed data are the application's; means over "
            "all messages",
        )

    def replies(self, way: str, count: int = 4) -> str:
        """Return the first replies to a `say`, each with both of its sizes."""
        found = blocks(self.traces[way], ("←", "said #"), lines_each=0)
        return "\n".join(block.splitlines()[0].strip() for block in found[:count])

    def answer(self) -> Prose:
        """Say how many bytes of a delivery are left, with a kept context and without."""
        kept, alone, off = (self.delivery(way) for way in (KEPT, ALONE, OFF))
        return Prose(
            f"A delivery of **{off:.0f} B** takes **{kept:.0f} B** where the context is kept, and "
            f"**{alone:.0f} B** where each message is compressed alone.",
            f"**{off:.0f} B**인 전달은 문맥을 유지하면 **{kept:.0f} B**, 메시지마다 따로 압축하면 "
            f"**{alone:.0f} B**가 됩니다.",
        )


async def measure(ways: Sequence[str], messages: int) -> Conversations:
    """Capture the same conversation with each compression: nothing here is timed."""
    made = samples.make("chat", TEXT_BYTES, messages, seed=1)
    script = Script(texts=tuple(each["text"] for each in made))
    return Conversations({way: await _conversation(way, script) for way in ways})


async def _conversation(way: str, script: Script) -> Trace:
    async with served(TRANSPORT, compression=compression.parse(way)) as running:
        return await captured(running, script)


def costs(recorded: Recorded, kind: str = "chat") -> Prose:
    """Return a table of bytes and server CPU in the lab's own run, by size and compression."""
    labels = [label for label in recorded.run.transports if label != f"{TRANSPORT}+12:1"]
    heads = [label.partition("+")[2] or OFF for label in labels]
    cells = [
        (name, size, [recorded.shown(key(name, kind, size), label) for label in labels])
        for name in FIGURES
        for size in SIZES
    ]
    english = table(["", *heads], [[f"{FIGURES[n][0]}, {s:,} B", *row] for n, s, row in cells])
    korean = table(["", *heads], [[f"{FIGURES[n][1]}, {s:,} B", *row] for n, s, row in cells])
    return Prose(english.markdown, korean.markdown)


def cpu_times(recorded: Recorded, size: int, kind: str = "chat") -> float | None:
    """Return how many times the server's CPU of a delivery is that without compression."""
    found = compared(recorded.run, f"{TRANSPORT}+{KEPT}", key("server", kind, size))
    return found.ratio if found else None


def more_memory(recorded: Recorded) -> Expected:
    """Expect the MiB that compression adds to `CONNECTIONS` idle connections."""
    kept, off = (recorded.median(MEMORY, label) for label in (f"{TRANSPORT}+{KEPT}", TRANSPORT))
    return Expected(
        None if kept is None or off is None else (kept - off) * CONNECTIONS / 1024,
        "Subtract the two figures of a connection; 1 MiB is 1,024 KiB.",
        "연결 하나의 두 값을 빼십시오. 1 MiB는 1,024 KiB입니다.",
    )


def memory(recorded: Recorded) -> Prose:
    """Return a table of the server's memory of a connection, in KiB."""
    labels = recorded.run.transports
    row = [recorded.shown(MEMORY, label) for label in labels]
    heads = [label.partition("+")[2] or OFF for label in labels]
    english = table(["", *heads], [["server memory of a connection, KiB", *row]])
    korean = table(["", *heads], [["연결 하나의 서버 메모리, KiB", *row]])
    return Prose(english.markdown, korean.markdown)
