"""A target's load on one screen: the answer first, then its figures."""

from __future__ import annotations

from collections.abc import Iterator

from rich import box
from rich.console import Console
from rich.table import Table

from lab.record import Run
from lab.report.model import formatting
from lab.report.model.scenario import PERCENTILES, Loaded
from lab.report.model.summary import summarise

SIDES = {
    "server": "the target had no CPU left",
    "load": "the load had no CPU left: these are not the target's figures",
    "both": "neither side had CPU left",
    "neither": "neither side was short of CPU",
    "unknown": "whether the target was short of CPU is not known: give --pid, or server.command",
}
ENDED = {
    "interrupted": "interrupted after {s:.1f} s",
    "closed": "the target closed every connection after {s:.1f} s",
    "overdue": "stopped after {s:.1f} s, at the first message that was not answered in time",
}


def show(run: Run, found: Loaded, console: Console) -> None:
    """Print the answer, the percentiles, and what was counted."""
    console.print(f"{found.name} at {found.target}", style="bold", highlight=False, markup=False)
    for line in answer(found):
        console.print(line, highlight=False, markup=False)
    if not found.void:
        console.print(_table(found))
    for line in counted(found):
        console.print(line, style="dim", highlight=False, markup=False)
    for line in run.machine_warnings:
        console.print(f"noise: {line}", style="yellow", highlight=False, markup=False)


def target_of(run: Run) -> str | None:
    """The name of the target that was measured beside the lab's own transports; None: none was."""
    name: str | None = run.info.constants.get("target_name")
    return name


def beside(run: Run) -> Iterator[str]:
    """How a target compares with the baseline, a sentence for each figure; nothing without one."""
    name, summary = target_of(run), summarise(run)
    for figure in summary.figures if name is not None else ():
        cell = figure.cells.get(name or "")
        if cell is not None and cell.comparison is not None and figure.key in BESIDE:
            yield (
                f"{name}: {figure.title} {formatting.ratio(cell.comparison)} of "
                f"{summary.baseline} ({cell.comparison.verdict})"
            )


BESIDE = (
    "connect_p50_ms",
    "rtt_p50_us",
    "deliveries_per_s_100",
    "server_cpu_us_per_delivery_100",
)
"""The figures that are compared in sentences."""


def answer(found: Loaded) -> Iterator[str]:
    """What the load came to, in a sentence or two."""
    ended = found.first("ended")
    if ended is not None:
        seconds = next(each["offering_ns"] for each in found.passes if each["ended"]) / 1e9
        partial = "" if ended == "overdue" else "PARTIAL: "
        yield partial + ENDED[ended].format(s=seconds)
    if found.void:
        yield f"VOID: {found.void}"
        if missing := found.first("missing"):
            yield f"not answered, or not delivered to all: {missing}"
    elif found.first("load_bound"):
        yield "LOAD-BOUND: the load could not offer this rate: these are not the target's latencies"
    else:
        yield _latencies(found)
    for each in found.first("closed") or ():
        yield f"closed: {each}"


def _latencies(found: Loaded) -> str:
    messages = found.total("messages")
    shown = [
        (row.name, *map(formatting.number, row.ms()))
        for row in found.latencies
        if not row.uncorrected
    ]
    parts = [f"{name} p50 {p50} ms, p99 {p99} ms" for name, p50, _, p99, _ in shown]
    return f"{messages} messages, nothing lost: {'; '.join(parts)}"


def counted(found: Loaded) -> Iterator[str]:
    """What was offered and counted, and which side was the limit."""
    rate = found.passes[0]["rate_per_s"]
    offered = "as fast as answers came" if rate is None else f"{rate:g}/s offered"
    yield (
        f"{offered}: sent {formatting.number(found.mean('sent_per_s'))}/s, "
        f"goodput {formatting.number(found.mean('goodput_per_s'))}/s"
    )
    lost = found.total("answers_lost") + found.total("deliveries_lost")
    yield (
        f"{found.total('deliveries')} deliveries expected; answers and deliveries lost {lost}, "
        f"doubled {found.total('doubled')}, astray {found.total('stray')}; "
        f"unfinished messages {found.total('unfinished')}"
    )
    yield _sides(found)


def _sides(found: Loaded) -> str:
    one = found.counts[-1]
    shares = f"load {one.load_share:.0%} of a core"
    if one.server_share is not None:
        shares = f"target {one.server_share:.0%}, {shares}"
    return f"{shares}: {SIDES[one.saturated]}"


def _table(found: Loaded) -> Table:
    table = Table(box=box.SIMPLE_HEAD, pad_edge=False)
    table.add_column("ms")
    for percentile in PERCENTILES:
        table.add_column("max" if percentile == 100 else f"p{percentile}", justify="right")
    for row in found.rows:
        table.add_row(row.name, *map(formatting.number, row.ms()))
    return table
