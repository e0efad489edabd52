"""The answer in a screenful of Markdown, for the README: worked out from a run, never written."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import PurePosixPath

from lab.measure.stats import Comparison
from lab.record import Run
from lab.report import apart, words
from lab.report import summary as summary_
from lab.report.summary import FLOOR, Cell, Summary

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
    "connect_p50_ms": "To connect takes",
    "rtt_p50_us": "A round trip (p50) takes",
    "server_cpu_us_per_delivery_100": "A delivery in a room of 100 costs the server",
}
"""Figure -> how a sentence about its ratios begins."""


def markdown(run: Run, folder: PurePosixPath) -> str:
    """The pictures, the table, what is established, and where it was measured.

    `folder` is the run's folder as the document links to it.
    """
    summary = summary_.of(run)
    parts = [
        f"![What the same chat room costs on each wire]({folder}/pictures/answer.png)",
        "\n".join(_table(run, summary)),
        "\n".join(_sentences(summary)),
        _decomposition(run, folder),
        _waterfall(summary, folder),
        provenance(run, folder),
    ]
    return "\n\n".join(part for part in parts if part) + "\n"


def _table(run: Run, summary: Summary) -> Iterator[str]:
    found = {key: figure for key in COLUMNS if (figure := summary.figure(key))}
    yield "| wire | " + " | ".join(COLUMNS[key] for key in found) + " |"
    yield "|---|" + "---:|" * len(found)
    for wire in run.wires:
        cells = (value(figure.cells[wire]) for figure in found.values())
        yield f"| `{wire}` | " + " | ".join(cells) + " |"


def value(cell: Cell) -> str:
    """The figure as a table has it: its median, why it is void, or a dash where there is none."""
    if cell.interval is None:
        return cell.mark if cell.mark and cell.mark.startswith("void") else "–"
    median = cell.interval.median
    return f"{int(median)}" if median.is_integer() and median < 1000 else words.number(median)


def _sentences(summary: Summary) -> Iterator[str]:
    """One for each figure with a verdict: every wire against the baseline, with its interval."""
    for key, begins in RATIOS.items():
        figure = summary.figure(key)
        found = figure.comparisons() if figure else {}
        told = [_told(wire, one) for wire, one in found.items() if wire != FLOOR]
        if told:
            yield f"- {begins}, against `{summary.baseline}`: {'; '.join(told)}."


def _decomposition(run: Run, folder: PurePosixPath) -> str:
    """Whose a gap is, with one message in flight: where nobody gathers what is sent."""
    told = [f"- {line}" for line in apart.sentences(run, (1,))]
    if not told:
        return ""
    picture = f"![A delivery's cost, taken apart]({folder}/pictures/decomposition.png)"
    return "\n".join([*told, "", picture])


def _waterfall(summary: Summary, folder: PurePosixPath) -> str:
    """On a real network the round trips decide: what each of them is for."""
    if summary.figure("round_trips_new_join") is None:
        return ""
    return f"![The round trips until one is in]({folder}/pictures/waterfall.png)"


def _told(wire: str, comparison: Comparison) -> str:
    return f"`{wire}` **{words.ratio(comparison)}** ({comparison.verdict})"


def provenance(run: Run, folder: PurePosixPath) -> str:
    """Which run it is, in how many passes, under which settings, and on what."""
    summary = summary_.of(run)
    machine = run.environment.get("machine", {})
    python = run.environment.get("python", {}).get("version", "?")
    passes = f"{summary.passes} timed passes" if summary.passes else "counted once"
    brackets = " Square brackets: 95 % interval over passes." if summary.passes else ""
    return (
        f"Run [`{run.id}`]({folder}/run.json): {passes}, "
        f"`{run.info.settings}` settings, {machine.get('cpu') or 'unknown CPU'}, "
        f"{machine.get('cores', '?')} cores, "
        f"Python {python}, loopback network.{brackets}"
    )
