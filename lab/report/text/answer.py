"""Generates in Markdown what a run says of each of its transports."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import PurePosixPath

from lab.measure.figures.link import EXPERIMENT as CALIBRATION
from lab.measure.figures.loss import EXPERIMENT as LOSS
from lab.measure.stats import Comparison
from lab.record import Run
from lab.report.model import formatting
from lab.report.model.cells import Cell
from lab.report.model.summary import NO_SOCKET, Summary, summarise
from lab.report.text import decomposition

COLUMNS = {
    "round_trips_new_connect": "round trips to connect",
    "connect_p50_ms": "connect, ms",
    "rtt_p50_us": "RTT p50, µs",
    "rtt_p99_us": "RTT p99, µs",
    "delivery_bytes": "bytes per delivery",
    "server_cpu_us_per_delivery_100": "server CPU per delivery, room of 100, µs",
}
"""Figure -> heading, in the order of the table."""

RATIOS = {
    "connect_p50_ms": "Connecting takes",
    "rtt_p50_us": "A round trip (p50) takes",
    "server_cpu_us_per_delivery_100": "A delivery in a room of 100 costs the server",
}
"""Figure -> the beginning of the sentence about its ratios."""


def markdown(run: Run, folder: PurePosixPath) -> str:
    """The picture, the table, the established differences, and the machine.

    `folder` is the path by which the document links to the run's folder.
    """
    summary = summarise(run)
    parts = [
        f"![What the same chat room costs on each transport]({folder}/pictures/transports.png)",
        "\n".join(_table(run, summary)),
        "\n".join(_sentences(summary)),
        _decomposition(run, folder),
        provenance(run, folder),
    ]
    return "\n\n".join(part for part in parts if part) + "\n"


def _table(run: Run, summary: Summary) -> Iterator[str]:
    found = {key: figure for key in COLUMNS if (figure := summary.figure(key))}
    yield "| transport | " + " | ".join(COLUMNS[key] for key in found) + " |"
    yield "|---|" + "---:|" * len(found)
    for transport in run.transports:
        cells = (value(figure.cells[transport]) for figure in found.values())
        yield f"| `{transport}` | " + " | ".join(cells) + " |"


def value(cell: Cell) -> str:
    """The figure's median, the reason why it is void, or a dash."""
    if cell.interval is None:
        return cell.mark if cell.mark and cell.mark.startswith("void") else "–"
    return formatting.exact(cell.interval.median)


def _sentences(summary: Summary) -> Iterator[str]:
    """A sentence for each figure with verdicts: every transport against the baseline."""
    for key, begins in RATIOS.items():
        figure = summary.figure(key)
        found = figure.comparisons() if figure else {}
        told = [_told(transport, one) for transport, one in found.items() if transport != NO_SOCKET]
        if told:
            yield f"- {begins}, against `{summary.baseline}`: {'; '.join(told)}."


def _decomposition(run: Run, folder: PurePosixPath) -> str:
    """How much of each gap is protocol and library, with one message in flight.

    With one in flight, no server gathers several messages into one write.
    """
    told = [f"- {line}" for line in decomposition.sentences(run, (1,))]
    if not told:
        return ""
    picture = f"![The cost of a delivery, divided]({folder}/pictures/decomposition.png)"
    return "\n".join([*told, "", picture])


def _told(transport: str, comparison: Comparison) -> str:
    return f"`{transport}` **{formatting.ratio(comparison)}** ({comparison.verdict})"


def provenance(run: Run, folder: PurePosixPath) -> str:
    """The run, its number of passes, its settings and its machine."""
    summary = summarise(run)
    machine = run.environment.get("machine", {})
    python = run.environment.get("python", {}).get("version", "?")
    passes = f"{summary.passes} timed passes" if summary.passes else "counted once"
    brackets = " Square brackets: 95 % interval over passes." if summary.passes else ""
    return (
        f"Run [`{run.id}`]({folder}/run.json): {passes}, "
        f"`{run.info.settings}` settings, {machine.get('cpu') or 'unknown CPU'}, "
        f"{machine.get('cores', '?')} cores, "
        f"Python {python}, {_network(run)}.{brackets}"
    )


def _network(run: Run) -> str:
    """What the packets went over: two experiments open links of their own."""
    on_a_link = {CALIBRATION, LOSS}.intersection(run.info.constants.get("experiments", ()))
    return "`lab link`" if on_a_link else "loopback network"
