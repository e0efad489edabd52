"""The tables for the terminal: one per experiment, a row per transport."""

from __future__ import annotations

import textwrap
from collections.abc import Callable, Iterable, Iterator, Sequence

from rich import box
from rich.console import Console
from rich.markup import escape
from rich.table import Table

from lab.measure.figures.compression import EXPERIMENT as COMPRESSION
from lab.measure.replicas import NETWORK, is_variant
from lab.record import Run
from lab.report.model import formatting
from lab.report.model.cells import Cell, FigureSummary
from lab.report.model.summary import Summary, summarise
from lab.report.model.titles import PLACES, client_of, titles
from lab.report.text import aa, compressed, decomposition, nodes, proxies, storm

_BOX = box.SIMPLE_HEAD
_NARROW = (20, 14, 12, 10, 9)
_NARROW_WITH_LIMIT = (18, 13, 12, 7, 10, 9)
"""Widths for 80 columns. By itself, Rich makes columns narrower than their longest word."""
AGAIN = ", continued"
_SIDES = {side: f" [dim]{side[0].upper()}[/]" for side in ("server", "load", "both")}
"""Shown after a figure in a wide table: the side that had no CPU left."""
VERDICT_STYLES = {"faster": "green", "slower": "red", "too few passes": "yellow"}


def show(run: Run, console: Console) -> None:
    """Print every table of the run, its void figures, and its warnings about noise."""
    summary = summarise(run)
    console.print(f"{heading(run)}{_timed(run, summary)}", style="bold", highlight=False)
    if summary.against_itself is not None:
        console.print(aa.table(summary.against_itself, summary.figures))
        console.print(summary.against_itself.verdict, style="bold", highlight=False)
    for experiment, title in titles(run).items() if summary.against_itself is None else ():
        figures = summary.of_experiment(experiment)
        if experiment == COMPRESSION and figures and any(map(is_variant, run.transports)):
            _show_compression(run, console)
        elif _without_ratios(figures):
            for table in side_by_side(title, figures, console):
                console.print(table)
        elif figures:
            console.print(_fitting(title, figures, summary, console))
    for line in sentences(run) if summary.against_itself is None else ():
        console.print(line, style="bold", markup=False, highlight=False)
    if summary.passes:
        console.print(_legend(summary), style="dim", highlight=False)
    _list(console, "void", summary.voids, "red")
    _list(console, "noise", summary.warnings, "yellow")


def sentences(run: Run) -> Iterator[str]:
    """What the tables say together, where an experiment asks for that."""
    yield from decomposition.sentences(run)
    said = storm.sentence(run), proxies.sentence(run), nodes.sentence(run)
    yield from (line for line in said if line is not None)


def _show_compression(run: Run, console: Console) -> None:
    """A table of all its figures would have a column for each kind and size of text."""
    for table in compressed.tables(run):
        console.print(table)
    if (sentence := compressed.memory_sentence(run)) is not None:
        console.print(sentence, markup=False, highlight=False)


def _without_ratios(figures: Sequence[FigureSummary]) -> bool:
    """Whether most of these figures have no ratios."""
    without = sum(figure.counted or not figure.ratio for figure in figures)
    return without * 2 > len(figures)


def heading(run: Run) -> str:
    """One line: the run, its profile and settings, and how complete it is."""
    info = run.info
    passes = f"{len(run.passes)} of {info.planned_passes} passes"
    place = PLACES.get(client_of(run))
    asked = f" · {place}" if place else ""
    partial = "" if info.status == "complete" else f" · {info.status.upper()}"
    named = f"{escape(run.id)} · {info.profile} profile · {info.settings} settings"
    return f"{named}{asked}{_network(run)} · {passes}{partial}"


def _network(run: Run) -> str:
    """The network between the clients and the servers, if the run had a link."""
    shown = (one.settings_shown.get(NETWORK) for one in run.info.transports.values())
    network = next(shown, None) if NETWORK in run.info.constants else None
    return f" · {network}" if network else ""


def _timed(run: Run, summary: Summary) -> str:
    """How many passes the medians are of, if other passes measured something else."""
    others = 0 < summary.passes < len(run.passes)
    return f", {summary.passes} of them timed" if others else ""


def _fitting(
    title: str, figures: Sequence[FigureSummary], summary: Summary, console: Console
) -> Table:
    """The table of an experiment, in its natural width or fitted to the console."""
    unbounded = console.options.update(width=1000)
    natural = experiment_table(title, figures, summary)
    if console.measure(natural, options=unbounded).maximum <= console.width:
        return natural
    wanted = [
        max(console.measure(each, options=unbounded).maximum for each in (it.header, *it.cells))
        for it in natural.columns
    ]
    narrow = _NARROW if len(wanted) == len(_NARROW) else _NARROW_WITH_LIMIT
    least = console.measure(experiment_table(title, figures, summary, narrow), options=unbounded)
    spread = _spread(narrow, wanted, console.width - least.maximum)
    return experiment_table(title, figures, summary, spread)


def _spread(narrow: Sequence[int], wanted: Sequence[int], spare: int) -> tuple[int | None, ...]:
    """Give spare columns of text to the column that lacks most; None: it lacks nothing."""
    widths = list(narrow)
    for _ in range(spare):
        lack, neediest = max((wanted[i] - width, i) for i, width in enumerate(widths))
        if lack <= 0:
            break
        widths[neediest] += 1
    pairs = zip(widths, wanted, strict=True)
    return tuple(None if width >= wish else width for width, wish in pairs)


def experiment_table(
    title: str,
    figures: Iterable[FigureSummary],
    summary: Summary,
    widths: Sequence[int | None] | None = None,
) -> Table:
    """The figures of one experiment below each other, each with a row per transport."""
    table = Table(
        title=title, title_justify="left", title_style="bold underline", box=_BOX, pad_edge=False
    )
    heads = ["", "median [95 % interval]", f"ratio to {summary.baseline or '–'}"]
    figures = list(figures)
    if limited := any(figure.limit for figure in figures):
        heads.append("× limit")
    widths = widths or (None,) * (len(heads) + 2)
    arranged = [str if width is None else _stacked for width in widths[1:3]]
    for head, width in zip((*heads, "verdict", "saturated"), widths, strict=True):
        right = head in heads[1:]
        table.add_column(head, justify="right" if right else "left", width=width)
    for figure in figures:
        unit = f" ({figure.unit})" if figure.unit else ""
        table.add_row(f"[bold]{figure.title}{unit}[/]")
        for cell in figure.cells.values():
            name = _indented(cell.transport, widths[0])
            row = _row(cell, _standing(figure, cell, summary.baseline), arranged, limited)
            table.add_row(name, *row)
        table.add_section()
    return table


def side_by_side(title: str, figures: Sequence[FigureSummary], console: Console) -> Iterator[Table]:
    """Divide the figures' columns among as few tables as fit the console."""
    natural = console.options.update(width=1000)
    columns: list[FigureSummary] = []
    for figure in figures:
        wider = wide_table(title, [*columns, figure])
        if columns and console.measure(wider, options=natural).maximum > console.width:
            yield wide_table(title, columns)
            title, columns = f"{title.partition(':')[0].removesuffix(AGAIN)}{AGAIN}", []
        columns.append(figure)
    yield wide_table(title, columns)


def wide_table(title: str, figures: Sequence[FigureSummary]) -> Table:
    """Figures side by side, a row per transport."""
    table = Table(
        title=title, title_justify="left", title_style="bold underline", box=_BOX, pad_edge=False
    )
    table.add_column("", no_wrap=True)
    for figure in figures:
        unit = f"\n({figure.unit})" if figure.unit == "B" else ""
        table.add_column(f"{figure.column}{unit}", justify="right", no_wrap=True)
        if figure.limit:
            table.add_column(
                "×\nlimit",
                justify="right",
                no_wrap=True,
            )
    for transport in figures[0].cells:
        cells = [figure.cells[transport] for figure in figures]
        if any(cell.values for cell in cells):
            mark = " [dim](no socket)[/]" if any(c.mark == "no socket" for c in cells) else ""
            columns = [column for figure in figures for column in _columns(figure, transport)]
            table.add_row(f"  {escape(transport)}{mark}", *columns)
    return table


def _columns(figure: FigureSummary, transport: str) -> tuple[str, ...]:
    """The figure and, if it has a limit, its ratio to the limit."""
    cell = figure.cells[transport]
    return (_exact(cell), _to_limit(cell)) if figure.limit else (_exact(cell),)


def _to_limit(cell: Cell) -> str:
    return formatting.times(cell.to_limit.ratio) if cell.to_limit else "–"


def _exact(cell: Cell) -> str:
    if cell.mark and cell.mark.startswith("void"):
        return f"[red]{cell.mark}[/]"
    if cell.interval is None:
        return "–"
    value = cell.interval.median
    if cell.interval.passes > 1:
        return escape(_stacked(formatting.spanned(cell.interval)))
    exact = f"{int(value)}" if value.is_integer() else formatting.number(value)
    if cell.mark in (None, "no socket"):
        return exact + _SIDES.get(cell.saturated or "", "")
    if not cell.mark.startswith("at least"):
        return f"{exact} [dim]({cell.mark})[/]"
    return f"≥ {exact}"


def _row(
    cell: Cell, standing: str, arranged: Sequence[Callable[[str], str]], limited: bool
) -> tuple[str, ...]:
    median = formatting.spanned(cell.interval) if cell.interval else "–"
    ratio = formatting.ratio(cell.comparison) if cell.comparison else "–"
    return (
        escape(arranged[0](median)),
        escape(arranged[1](ratio)),
        *((_to_limit(cell),) if limited else ()),
        _remark(cell, standing),
        cell.saturated or "–",
    )


def _indented(transport: str, width: int | None) -> str:
    """The name, wrapped after hyphens if it is too long for the column."""
    parts = [transport] if width is None else textwrap.wrap(transport, width - 2)
    return "\n".join(f"  {escape(part)}" for part in parts)


def _stacked(text: str) -> str:
    """Put an interval below its centre; if it is long, also its ends below each other."""
    centre, gap, ends = text.partition(" ")
    if len(ends) > 14:
        ends = ends.replace(", ", ",\n").replace(" … ", " …\n")
    return f"{centre}\n{ends}" if gap else text


def _standing(figure: FigureSummary, cell: Cell, baseline: str | None) -> str:
    """The text in place of a verdict if nothing was compared."""
    if not figure.ratio:
        return "no ratio"
    return "baseline" if cell.transport == baseline else "no baseline"


def _remark(cell: Cell, standing: str) -> str:
    if cell.mark:
        return f"[red]{cell.mark}[/]" if cell.mark.startswith("void") else f"[dim]{cell.mark}[/]"
    if cell.comparison is None:
        return f"[dim]{standing}[/]"
    style = VERDICT_STYLES.get(cell.comparison.verdict, "default")
    return f"[{style}]{formatting.verdict(cell.comparison, cell.smallest_detectable)}[/]"


def _legend(summary: Summary) -> str:
    return (
        f"Medians over {summary.passes} timed passes. Ratios are paired per pass. With fewer than "
        "5 passes, ( lowest … highest ) is shown instead of an interval. After 'no detectable "
        "difference' stands the smallest difference that this run could have found. 'no "
        "socket' is the same room without a socket. '× limit' is the ratio to a limit transport: "
        "limit-tcp for one message in flight, limit-gathered for more. After a figure that was "
        "taken once, S, L and B mean that the server, the load or both had no CPU left."
    )


def _list(console: Console, name: str, lines: Iterable[str], style: str) -> None:
    for line in lines:
        console.print(f"[{style}]{name}:[/] {escape(line)}", highlight=False)
