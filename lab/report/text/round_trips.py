"""A table in Markdown: the round trips of each transport's handshake, with each client."""

from __future__ import annotations

from collections.abc import Mapping

from lab.record import Run
from lab.report.model.details import TwiceCounted, details

NOTHING = "–"


def by_client(runs: Mapping[str, Run]) -> str:
    """A row for each transport, and for each client until connected and until joined.

    `runs`: client -> its run. A client whose run has not counted round trips has no columns. A cell
    has the count from the bytes and, in brackets, the slope of the clock.
    """
    found = {client: _of(run) for client, run in runs.items()}
    clients = {client: counts for client, counts in found.items() if counts}
    heads = [f"{client}: {goal}" for client in clients for goal in ("connected", "joined")]
    lines = [f"| transport | {' | '.join(heads)} |", "|---|" + "---:|" * len(heads)]
    for transport in dict.fromkeys(name for counts in clients.values() for name in counts):
        cells = [text for each in clients.values() for text in each.get(transport, [NOTHING] * 2)]
        lines.append(f"| `{transport}` | {' | '.join(cells)} |")
    return "\n".join(lines)


def _of(run: Run) -> dict[str, list[str]]:
    """Transport -> its cells."""
    connect, join = (
        details(run, "round_trips", f"new {goal}", TwiceCounted) for goal in ("connect", "join")
    )
    return {name: [_cell(connect[name]), _cell(join[name])] for name in connect if name in join}


def _cell(counted: TwiceCounted) -> str:
    return f"{counted.spread} ({counted.slope.round_trips:.1f})"
