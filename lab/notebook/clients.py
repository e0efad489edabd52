"""The same wires asked by unlike clients: figures of several runs, a picture and a table of them.

A run has one kind of client. Two runs have no pass in common, and what one client does for a
message another does not. So no ratio is taken from one to the other: each has its own, to its own
baseline.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

import msgspec

from lab import record
from lab.measure.stats import FEWEST_PASSES
from lab.notebook.pictures import Picture
from lab.notebook.prose import Prose, run_folders, table
from lab.record import FIGURES, Run
from lab.report import bars, summary, words
from lab.report.bars import Panel
from lab.report.summary import Summary

CLIENTS = {"Python": "reference", "a browser": "in-a-browser"}
"""What asked -> the folder in results/ of the runs that come with the lab."""

Runs = Mapping[str, Run]
"""What asked -> what it found."""


def committed() -> dict[str, Run]:
    """The newest run of each client that comes with the lab.

    Raises:
        RecordError: one of them has none.
    """
    results = run_folders()[0]
    return {client: record.find(None, [results / folder])[0] for client, folder in CLIENTS.items()}


def shared(runs: Runs) -> list[str]:
    """The wires that all of the runs have, in the first one's order."""
    first, *others = runs.values()
    return [wire for wire in first.wires if all(wire in other.wires for other in others)]


def by_client(runs: Runs, panels: Mapping[str, str], title: str) -> Picture:
    """A panel for each figure, and in it a bar for each client, of every wire that they share.

    `panels`: figure's key -> the panel's title. The sentence above one is about the last client.
    """
    client = list(runs)[-1]
    finding = f"With {client}, {{wire}} takes {{ratio}}× as long as {{baseline}}"
    drawn = [
        Panel(name, _unit(key), tuple((_of(each, key), each) for each in runs), finding)
        for key, name in panels.items()
    ]
    return Picture(bars.draw(drawn, _together(runs, panels), shared(runs), title, _note(runs)))


def medians(runs: Runs, key: str) -> dict[str, dict[str, float]]:
    """Client -> wire -> a figure's median over passes, in its unit, of the wires they share."""
    found = {client: summary.of(run).figure(key) for client, run in runs.items()}
    return {
        client: {
            wire: interval.median
            for wire in shared(runs)
            if figure and (interval := figure.cells[wire].interval)
        }
        for client, figure in found.items()
    }


def against_baseline(runs: Runs, keys: Mapping[str, str]) -> Prose:
    """Ratios to each run's own baseline, with their intervals: a row for each wire.

    `keys`: figure's key -> its name.
    """
    heads = ["wire", *(f"{name}, {client}" for name in keys.values() for client in runs)]
    rows = [
        [f"`{wire}`", *(_ratio(run, key, wire) for key in keys for run in runs.values())]
        for wire in shared(runs)
    ]
    return table(heads, rows)


def _ratio(run: Run, key: str, wire: str) -> str:
    figure = summary.of(run).figure(key)
    compared = figure.comparisons().get(wire) if figure else None
    return words.ratio(compared) if compared else "–"


def _together(runs: Runs, keys: Iterable[str]) -> Summary:
    """All clients' figures as if they were one run's, each under a key of its own."""
    *_, last = runs.values()
    found = [
        msgspec.structs.replace(figure, key=_of(client, key))
        for client, run in runs.items()
        for key in keys
        if (figure := summary.of(run).figure(key))
    ]
    return msgspec.structs.replace(summary.of(last), figures=found)


def _of(client: str, key: str) -> str:
    return f"{key}, {client}"


def _unit(key: str) -> str:
    return next(figure.unit for figure in FIGURES if figure.key == key)


def _note(runs: Runs) -> str:
    passes = {client: summary.of(run).passes for client, run in runs.items()}
    lines = "their 95 % intervals" if min(passes.values()) >= FEWEST_PASSES else "lowest to highest"
    told = ", ".join(f"{client}: {count}" for client, count in passes.items())
    return f"bars: medians over passes ({told}); lines: {lines} · loopback network"
