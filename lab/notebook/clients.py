"""Figures of the same transports from runs with different clients, as a picture and a table.

A run has one kind of client. Two runs share no pass, and their clients do different work for a
message. So no ratio compares two runs: each run has its own ratios, to its own baseline.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

import msgspec

from lab import record
from lab.measure.stats import FEWEST_PASSES
from lab.notebook.pictures import Picture
from lab.notebook.prose import Prose, run_folders, table
from lab.record import FIGURES, Run
from lab.report.model import formatting
from lab.report.model.summary import Summary, summarise
from lab.report.pictures import bars
from lab.report.pictures.bars import Panel
from lab.report.text import round_trips as counted

CLIENTS = {"Python": "reference", "a browser": "in-a-browser"}
"""Client -> the folder in results/ with the lab's own runs."""

COUNTED = {**CLIENTS, "Node": "in-node"}
"""The same for the clients whose handshakes are counted."""

Runs = Mapping[str, Run]
"""Client -> its run."""


def committed() -> dict[str, Run]:
    """Return the newest of the lab's own runs for each client.

    Raises:
        RecordError: a client has no run.
    """
    results = run_folders()[0]
    return {client: record.find(None, [results / folder])[0] for client, folder in CLIENTS.items()}


def round_trips() -> Prose:
    """Return a table of the round trips of handshakes, from the lab's runs that counted them."""
    folders = {client: run_folders()[0] / name for client, name in COUNTED.items()}
    there = {client: folder for client, folder in folders.items() if folder.is_dir()}
    runs = {client: record.find(None, [folder])[0] for client, folder in there.items()}
    return Prose(counted.by_client(runs))


def shared(runs: Runs) -> list[str]:
    """Return the transports that all runs have, in the order of the first run."""
    first, *others = runs.values()
    return [
        transport
        for transport in first.transports
        if all(transport in other.transports for other in others)
    ]


def by_client(runs: Runs, panels: Mapping[str, str], title: str) -> Picture:
    """Draw a panel per figure, with a bar per client for every transport that all runs share.

    `panels`: figure's key -> panel's title. The sentence above a panel is about the last client.
    """
    client = list(runs)[-1]
    finding = f"With {client}, {{transport}} takes {{ratio}}× as long as {{baseline}}"
    drawn = [
        Panel(name, _unit(key), tuple((_of(each, key), each) for each in runs), finding)
        for key, name in panels.items()
    ]
    return Picture(bars.draw(drawn, _together(runs, panels), shared(runs), title, _note(runs)))


def medians(runs: Runs, key: str) -> dict[str, dict[str, float]]:
    """Return client -> transport -> a figure's median over passes, in its unit."""
    found = {client: summarise(run).medians(key) for client, run in runs.items()}
    return {
        client: {name: medians[name] for name in shared(runs) if name in medians}
        for client, medians in found.items()
    }


def against_baseline(runs: Runs, keys: Mapping[str, str]) -> Prose:
    """Return a table of ratios to each run's own baseline, with intervals: a row per transport.

    `keys`: figure's key -> its name.
    """
    heads = ["transport", *(f"{name}, {client}" for name in keys.values() for client in runs)]
    rows = [
        [f"`{transport}`", *(_ratio(run, key, transport) for key in keys for run in runs.values())]
        for transport in shared(runs)
    ]
    return table(heads, rows)


def _ratio(run: Run, key: str, transport: str) -> str:
    figure = summarise(run).figure(key)
    compared = figure.comparisons().get(transport) if figure else None
    return formatting.ratio(compared) if compared else "–"


def _together(runs: Runs, keys: Iterable[str]) -> Summary:
    """Return all clients' figures as if from one run, each under a key of its own."""
    *_, last = runs.values()
    found = [
        msgspec.structs.replace(figure, key=_of(client, key))
        for client, run in runs.items()
        for key in keys
        if (figure := summarise(run).figure(key))
    ]
    return msgspec.structs.replace(summarise(last), figures=found)


def _of(client: str, key: str) -> str:
    return f"{key}, {client}"


def _unit(key: str) -> str:
    return next(figure.unit for figure in FIGURES if figure.key == key)


def _note(runs: Runs) -> str:
    passes = {client: summarise(run).passes for client, run in runs.items()}
    lines = "their 95 % intervals" if min(passes.values()) >= FEWEST_PASSES else "lowest to highest"
    counts = ", ".join(f"{client}: {count}" for client, count in passes.items())
    return f"bars: medians over passes ({counts}); lines: {lines} · loopback network"
