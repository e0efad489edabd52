"""The verdicts in words: whose cost is how large. For terminal, page and README alike."""

from __future__ import annotations

from collections.abc import Iterator

from lab.answer import blocks
from lab.answer.blocks import DEFAULT, PLAIN, VARIANTS
from lab.answer.measurements import Ratio
from lab.answer.model import Answer, Block, Row, Side
from lab.report.model import formatting

QUOTED = "*"
"""Marks what was not measured in this run, but in one of the reference."""
CPU_ROWS = ("cpu_16", "cpu_1")
"""The server's CPU for a delivery: the first row that the block has."""
LIBRARY_FROM = 2.0
"""From this multiple of the protocol's own excess on, the rest is called the library's."""


def sentences(answer: Answer) -> Iterator[str]:
    """One sentence for each block, then what a client waits for, then the bytes."""
    for block in answer.blocks:
        yield from _cpu(answer, block)
    yield from _round_trips(answer)
    yield from _bytes(answer)


def _cpu(answer: Answer, block: Block) -> Iterator[str]:
    row, ratio = _compared(block)
    if row is None or ratio is None:
        return
    plain, socketio = block.libraries
    yield (
        f"{block.begins} a {socketio} delivery{_variant(block.variant)} {_costs(ratio)} {plain}"
        f"{_rest(answer, block, ratio)}.{_star(row)}"
    )


def _compared(block: Block) -> tuple[Row | None, Ratio | None]:
    rows = (row for key in CPU_ROWS if (row := block.row(key)))
    found = ((row, row.sides[block.variant].ratio) for row in rows)
    return next(((row, ratio) for row, ratio in found if ratio), (None, None))


def _costs(ratio: Ratio) -> str:
    """How the server's CPU for a delivery compares, in words."""
    if ratio.verdict == "no detectable difference":
        shown = formatting.ratio(ratio)
        return f"shows no detectable difference in server CPU ({shown}) from one over"
    return f"takes {formatting.ratio(ratio)} the server CPU of"


def _rest(answer: Answer, block: Block, ratio: Ratio) -> str:
    """Whether the protocol explains the excess of a library's server; nothing if unclear."""
    _, own = _compared(answer.block("protocol"))
    if block.key == "protocol" or own is None or ratio.low is None or own.high is None:
        return ""
    if ratio.low - 1 <= LIBRARY_FROM * max(own.high - 1, 0):
        return ""
    return ": the library's work, not the protocol's"


def _round_trips(answer: Answer) -> Iterator[str]:
    """What a client waits for until it can send, for each client that was measured."""
    for client, where in blocks.CLIENTS.items():
        rows = [
            (block, row) for block in answer.blocks if (row := block.row("round_trips", client))
        ]
        counts = {block.libraries: _counts(row, block) for block, row in rows}
        found = {names: both for names, both in counts.items() if both}
        if not found:
            continue
        star = QUOTED if all(row.quoted for _, row in rows) else ""
        yield f"Round trips before a client {where} can send: {_trips(found)}.{star}"


def _counts(row: Row, block: Block) -> tuple[str, str] | None:
    plain, other = row.sides[PLAIN].value, row.sides[block.variant].value
    if plain is None or other is None:
        return None
    return formatting.exact(
        plain.median
    ), f"{formatting.exact(other.median)}{_variant(block.variant)}"


def _trips(found: dict[tuple[str, str], tuple[str, str]]) -> str:
    """WebSocket's count, and those of Socket.IO: one, if all servers have the same."""
    plain = sorted({one for one, _ in found.values()})
    several = {other for _, other in found.values()}
    if len(several) == 1:
        return f"WebSocket {' or '.join(plain)}, Socket.IO {several.pop()}"
    each = ", ".join(f"{names[1]} {other}" for names, (_, other) in found.items())
    return f"WebSocket {' or '.join(plain)}, {each}"


def _bytes(answer: Answer) -> Iterator[str]:
    """The bytes of a delivery: they are the protocol's, on every server."""
    for block in answer.blocks:
        row = block.row("delivery_bytes")
        sides = (row.sides[PLAIN], row.sides[block.variant]) if row else ()
        if row and all(side.value for side in sides):
            plain, other = (formatting.exact(side.value.median) for side in sides if side.value)
            polled = _polled(row.sides[blocks.POLLING])
            yield (
                f"Bytes of a delivery: WebSocket {plain}, Socket.IO {other}"
                f"{_variant(block.variant)}{polled}.{_star(row)}"
            )
            return


def _polled(side: Side) -> str:
    return f", its long-polling {formatting.exact(side.value.median)}" if side.value else ""


def _variant(variant: str) -> str:
    """The variant of Socket.IO in brackets, if it is not the default."""
    return "" if variant == DEFAULT else f" ({VARIANTS[variant].partition('over ')[2]})"


def _star(row: Row) -> str:
    return QUOTED if row.quoted else ""
