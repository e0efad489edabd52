"""The answer in short, for the top of the README, with the numbers of the committed runs."""

from __future__ import annotations

from collections.abc import Iterator

from lab.answer.blocks import DEFAULT, PLAIN
from lab.answer.measurements import Ratio
from lab.answer.model import Answer, Block
from lab.report.text import verdicts

FIRST = "**In short.** What Socket.IO costs depends on whose Socket.IO it is. "
DELIVERY = "The CPU time of a server for a delivery is, compared with plain WebSocket: "
CONNECTING = (
    "On a network users feel something else: until it can send, a client in Python waits for "
    "{times} times as many round trips with Socket.IO's default as with WebSocket. "
)
IN_RETURN = (
    "In return Socket.IO gives rooms, acknowledgements and a reconnect after a lost connection; "
    "[docs/code.md](docs/code.md) counts how many lines of code that saves.\n"
)


def in_short(found: Answer) -> str:
    """The first things to know, in two paragraphs: four numbers, then the verdicts."""
    costs = "; ".join(_costs(found))
    stacks = f"{DELIVERY}{costs}. " if costs else ""
    first = f"{FIRST}{stacks}{''.join(_connecting(found))}{IN_RETURN}"
    return f"{first}\n" + "".join(f"- {line}\n" for line in verdicts.sentences(found))


def _costs(found: Answer) -> Iterator[str]:
    """What a delivery costs on each stack, and whose cost that is."""
    protocol, node, python = (_ratio(found.block(key)) for key in ("protocol", "node", "python"))
    if protocol:
        yield f"{_times(protocol)} for the protocol alone"
    if node:
        yield f"{_times(node)} in Node, with `socket.io` and `ws`"
    if python:
        yield f"{_times(python)} in Python, with python-socketio and `websockets`"


def _ratio(block: Block) -> Ratio | None:
    row = block.row("cpu_16") or block.row("cpu_1")
    return row.sides[block.variant].ratio if row else None


def _connecting(found: Answer) -> Iterator[str]:
    """The round trips of the default, in the first block that has counted them."""
    for block in found.blocks:
        row = block.row("round_trips", "python")
        values = [row.sides[variant].value for variant in (PLAIN, DEFAULT)] if row else []
        plain, default = values if len(values) == 2 else (None, None)
        if plain and default:
            yield CONNECTING.format(times=f"{default.median / plain.median:.2g}")
            return


def _times(ratio: Ratio) -> str:
    """About how many times: two digits are enough to remember. The same, if none can be shown."""
    if ratio.verdict == "no detectable difference":
        return "the same, as far as the run can tell,"
    return f"{ratio.ratio:.2g} times"
