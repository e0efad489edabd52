"""Writes a cost in English: table cells, the arithmetic line by line, and what is assumed."""

from __future__ import annotations

__pure__ = True

import math
from collections.abc import Iterator

from lab.answer.span import Span
from lab.cost.model import ASSUMPTIONS, DAYS, MEASURED_TEXT_BYTES, Cost, Row, Step
from lab.report.model import formatting

FORMULAS = {
    "messages_per_user": "messages a second = {senders} users × {rate}",
    "messages_per_room": "messages a second = {senders} rooms × {rate}",
    "members": "members of a room = {users} users / {rooms} rooms",
    "deliveries": "deliveries a second = {messages} messages × {members} members",
    "seconds": "seconds a month = {days} days × {hours} hours × 3600",
    "cores": "cores = {deliveries} deliveries × {cpu} µs + {users} users × {idle} µs, each second",
    "cores_busy": (
        "cores = {deliveries} deliveries × {cpu} µs, each second (idle connections: not measured)"
    ),
    "memory": "memory = {users} users × {kib} KiB",
    "month": (
        "bytes a month = {seconds} s × ({deliveries} deliveries × {delivery} B + {messages} "
        "messages × {message} B + {users} users × {heartbeat} B of heartbeats)"
    ),
}
"""Key of a step -> its formula."""
SENTENCES = {
    "rooms": "Every user is in one room, and all rooms have the same size.",
    "month": f"A month has {DAYS} days, and the rate is the mean of the hours that you give.",
    "in_flight": (
        "Each delivery is written by itself, as with one message in flight, in the measured room "
        "(10, 100 or 1000 members) nearest to yours. Under load several may share a write, which "
        "costs less."
    ),
    "text": (
        f"CPU time is that of texts of {MEASURED_TEXT_BYTES} bytes. Bytes grow by one for each "
        "byte that a text is longer."
    ),
    "network": "Bytes are those that TCP carries in both directions, without TLS and IP headers.",
    "handshakes": "Users stay connected: handshakes and reconnects are left out.",
    "processes": (
        "A server process uses one core. More cores need more processes and what joins them, whose "
        "cost is left out."
    ),
    "spare": "Nothing is spare: a server that is as busy as this answers late.",
    "default": (
        "Socket.IO's default counts as what it is after the upgrade: Socket.IO over WebSocket."
    ),
}
"""Key of an assumption -> its sentence."""
DECIMAL = ("B", "kB", "MB", "GB", "TB", "PB")
BINARY = ("B", "KiB", "MiB", "GiB", "TiB")
NOT_MEASURED = "not measured"


def cells(row: Row) -> tuple[str, str, str]:
    """Cores, memory and bytes a month, each with its interval."""
    return (
        formatting.span(row.cores) if row.cores else NOT_MEASURED,
        amount(row.memory_bytes, 1024, BINARY),
        amount(row.month_bytes, 1000, DECIMAL),
    )


def amount(span: Span | None, base: int, units: tuple[str, ...]) -> str:
    """A number of bytes in the unit that makes it short."""
    if span is None:
        return NOT_MEASURED
    power = min(int(math.log(max(span.median, 1), base)), len(units) - 1)
    return f"{formatting.span(span.times(base**-power))} {units[power]}"


def arithmetic(cost: Cost) -> Iterator[str]:
    """Every step, the common ones first, then those of each transport."""
    yield from (line(step) for step in cost.shared)
    for row in cost.rows:
        if row.steps:
            yield f"{row.transport}:"
            yield from (f"  {line(step)}" for step in row.steps)


def line(step: Step) -> str:
    """One step: the formula with its numbers, and what it gives."""
    values = {name: _number(span) for name, span in step.values.items()}
    return f"{FORMULAS[step.key].format(**values)} = {_result(step)}"


def _result(step: Step) -> str:
    if step.key == "memory":
        return amount(step.result, 1024, BINARY)
    return amount(step.result, 1000, DECIMAL) if step.key == "month" else _number(step.result)


def _number(span: Span) -> str:
    exact = span.low is None and span.median == int(span.median)
    return (
        f"{span.median:,.0f}".replace(",", formatting.NO_BREAK) if exact else formatting.span(span)
    )


def sources(cost: Cost) -> Iterator[str]:
    """Each run with the experiments whose numbers it gave, and the command that repeats them."""
    taken: dict[tuple[str, bool], dict[str, dict[str, None]]] = {}
    for row in cost.rows:
        for one in row.sources:
            run = taken.setdefault((one.run, one.own), {})
            run.setdefault(one.experiment, {})[one.transport] = None
    for (run_id, own), experiments in taken.items():
        for experiment, transports in experiments.items():
            names = ",".join(transports)
            yield (
                f"{experiment}: {'your run' if own else 'reference run'} {run_id}; "
                f"lab bench --experiment {experiment} --transports {names}"
            )


def assumptions() -> Iterator[str]:
    """What is assumed, a sentence each."""
    yield from (SENTENCES[key] for key in ASSUMPTIONS)
