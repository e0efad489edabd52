"""Says what messages weigh: the answer in one sentence, the cells of the table, and JSON."""

from __future__ import annotations

__pure__ = True

from collections.abc import Iterator, Sequence
from typing import Any

import msgspec

from lab.measure.stats import Interval
from lab.report.model import formatting
from lab.weigh.model import Weighed

HEADINGS = (
    "payload\nB",
    "framing\nB",
    "total\nB",
    "saved\n",
    "compress\nµs",
    "decompress\nµs",
    "context\nKiB",
)
NOTES = (
    "Mean bytes of a message from the server to a client. Saved: against the same without "
    "compression.",
    "Payload: the message as it is written, with the packet of Socket.IO. Framing: the head of the "
    "frame, the chunk or the response to a poll.",
    "µs: CPU time per message, the median over passes with its 95 % interval. Context: what a "
    "server holds for each connection, by zlib's formula.",
)


def answer(found: Sequence[Weighed]) -> str:
    """What compression saves and costs for JSON on native WebSocket, with the first settings."""
    kept, fresh = (_first(found, keep) for keep in (True, False))
    compression = kept.way.compression
    assert compression is not None
    of = f"JSON on {kept.way.carrier.name}, window {compression.window}, level {compression.level}"
    return (
        f"Compression with a kept context {_effect(kept)} a message; "
        f"with a fresh one it {_effect(fresh)} ({of})."
    )


def _first(found: Sequence[Weighed], kept: bool) -> Weighed:
    return next(
        each for each in found if each.way.compression and each.way.compression.kept == kept
    )


def _effect(one: Weighed) -> str:
    return f"{_change(one.weight.saved)} for {formatting.number(cpu_us(one))} µs"


def _change(saved: float) -> str:
    percent = round(100 * saved)
    if percent == 0:
        return "changes the bytes by less than 1 %"
    return f"saves {percent} % of the bytes" if percent > 0 else f"adds {-percent} % to the bytes"


def cpu_us(one: Weighed) -> float:
    """CPU µs of both sides for a message; 0 where nothing is compressed."""
    sides = (one.compress_us, one.decompress_us)
    return sum(side.median for side in sides if side is not None)


def name(one: Weighed) -> str:
    """The compression of a row."""
    return one.way.compression.name if one.way.compression else "none"


def cells(one: Weighed) -> Iterator[str]:
    """The numbers of a row, in the order of `HEADINGS`."""
    weight, compression = one.weight, one.way.compression
    yield from map(
        formatting.number, (weight.payload_bytes, weight.framing_bytes, weight.total_bytes)
    )
    yield f"{round(100 * weight.saved)} %" if compression else ""
    yield from (_interval(side) for side in (one.compress_us, one.decompress_us))
    yield formatting.exact(compression.context_bytes / 1024) if compression else ""


def _interval(found: Interval | None) -> str:
    return formatting.spanned(found) if found else ""


def as_values(one: Weighed) -> dict[str, Any]:
    """A row as JSON values; bytes are means of a message."""
    return {
        "codec": one.way.codec,
        "transport": one.way.carrier.name,
        "compression": msgspec.to_builtins(one.way.compression),
        "payload_bytes": one.weight.payload_bytes,
        "framing_bytes": one.weight.framing_bytes,
        "total_bytes": one.weight.total_bytes,
        "saved": one.weight.saved,
        "compress_us": msgspec.to_builtins(one.compress_us),
        "decompress_us": msgspec.to_builtins(one.decompress_us),
        "context_bytes": one.way.compression.context_bytes if one.way.compression else 0,
    }
