"""Measures the noise, then both sides of a change, and judges the change."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

import msgspec
from rich.console import Console

from lab.cli.bench.campaign import Campaign, Show
from lab.cli.bench.command import BenchOptions, make_plan
from lab.cli.bench.descriptors import measurable
from lab.cli.bench.passes import run_pass
from lab.cli.bench.plan import Plan, limits
from lab.cli.compare import CannotTellError, print_form, write_page
from lab.cli.console import open_console
from lab.contract import Settings
from lab.load.profiles import Driver
from lab.measure.replicas import is_replica, original
from transports import registry

if TYPE_CHECKING:
    from lab.gate.environments import Side
    from lab.record import Run, RunWriter
    from lab.report.model.comparison import Compared
    from lab.report.model.sides import Noise

FEWEST, MOST = 10, 40
"""How many passes the gate chooses by itself, at least and at most."""


class GateOptions(msgspec.Struct, frozen=True, kw_only=True):
    """The options of the command line, without those that say what the sides are."""

    transports: list[str]
    experiments: tuple[str, ...]
    tolerance: float
    passes: int | None
    noise_passes: int
    profile: str
    rounds: int | None
    settings: Settings
    driver: Driver | None
    seed: int | None
    plant: float | None
    as_json: bool
    markdown: bool
    page: Path | None
    results: Path

    @property
    def quiet(self) -> bool:
        """Whether only the chosen form goes to the standard output."""
        return self.as_json or self.markdown


def measure(sides: tuple[Side, Side], options: GateOptions, words: list[str]) -> int:
    """Measure the noise, then both sides; print the verdict, and return the exit code."""
    from lab.report.model.comparison import document
    from lab.report.model.sides import compare_sides

    console = open_console(stderr=options.quiet)
    base, candidate = sides
    plan = _plan(options, console)
    about = _descriptions(sides, plan)
    console.print(f"base: {base.name}\ncandidate: {candidate.name}", markup=False, highlight=False)
    itself = msgspec.structs.replace(
        _sided(plan, base, base), passes=options.noise_passes, planted={}
    )
    first, code = _measure(itself, about, options.results, words, console, lambda *_: None)
    if first is None:
        return code
    found = _show_noise(first, options.tolerance, console)
    passes = options.passes or choose_passes(found)
    both = msgspec.structs.replace(_sided(plan, base, candidate), passes=passes)
    second, code = _measure(both, about, options.results, words, console, _publish)
    if second is None:
        return code
    unstable = {(each.figure, each.transport) for each in found if each.differs}
    compared = compare_sides(second, options.tolerance, unstable)
    more = {
        "noise": msgspec.to_builtins(found),
        "passes": passes,
        "runs": {"noise": first.id, "gate": second.id},
    }
    if options.page is not None:
        write_page(options.page, compared)
    if not print_form(document(compared) | more, compared, options.as_json, options.markdown):
        _show(compared, console)
    return compared.exit_code


def _plan(options: GateOptions, console: Console) -> Plan:
    """The plan of both runs: the transports with replicas, which are the candidate's servers."""
    return measurable(
        make_plan(
            BenchOptions(
                profile=options.profile,
                transports=options.transports,
                experiments=options.experiments,
                passes=options.passes or FEWEST,
                rounds=options.rounds,
                settings=options.settings,
                driver=options.driver,
                seed=options.seed,
                aa=True,
                plant=options.plant,
            ),
            console,
        )
    )


def _sided(plan: Plan, first: Side, second: Side) -> Plan:
    """The plan with `first` as the server of each transport, `second` as that of its replica."""
    sides = {label: second if is_replica(label) else first for label in plan.transports}
    return msgspec.structs.replace(
        plan,
        servers={label: side.python for label, side in sides.items()},
        sides={label: side.name for label, side in sides.items()},
    )


def _descriptions(sides: Sequence[Side], plan: Plan) -> dict[str, dict[str, Any]]:
    """Name of a side -> transport -> its stack and settings there. The client is this process's."""
    from lab.gate.environments import described

    transports = list(dict.fromkeys(map(original, plan.transports)))
    clients = {name: registry.load(name).stack().client for name in transports}
    found = {side.name: described(side, transports, plan.settings) for side in sides}
    for about in found.values():
        for name, client in clients.items():
            about[name]["stack"]["client"] = msgspec.to_builtins(client)
    return found


def _measure(
    plan: Plan,
    about: Mapping[str, Mapping[str, Any]],
    results: Path,
    words: list[str],
    console: Console,
    show: Show,
) -> tuple[Run | None, int]:
    """Run the passes of a plan. Returns the run, or None and the exit code."""
    campaign = Campaign(partial(_begin, plan, about, results, words), plan, run_pass, console, show)
    code = campaign.run()
    if campaign.interrupted:
        return None, code
    if campaign.recorded is None or not campaign.recorded.passes:
        raise CannotTellError("every pass is void, so nothing was measured")
    return campaign.recorded, 0


def _begin(
    plan: Plan, about: Mapping[str, Mapping[str, Any]], results: Path, words: list[str]
) -> RunWriter:
    from lab import record

    return record.create(
        results,
        plan.profile,
        settings=plan.settings,
        transports={label: about[plan.sides[label]][original(label)] for label in plan.transports},
        seed=plan.seed,
        planned_passes=len(plan.sweeps),
        constants=plan.constants(),
        limits=limits(),
        command=words,
    )


def choose_passes(found: Sequence[Noise]) -> int:
    """As many passes as the noisiest figure needs, within what the gate chooses by itself."""
    return min(max([FEWEST, *(each.passes or MOST for each in found)]), MOST)


def _show_noise(run: Run, tolerance: float, console: Console) -> list[Noise]:
    from lab.report.model.sides import noise
    from lab.report.text.sides import noise_table

    found = noise(run, tolerance)
    console.print(noise_table(found, tolerance, MOST))
    return found


def _show(compared: Compared, console: Console) -> None:
    from lab.report.text import comparison

    comparison.show_rows(compared.rows, console)
    comparison.show_verdict(compared, console)


def _publish(run: Run, console: Console) -> str | None:
    """Write the run's report. Its verdict is printed afterwards."""
    from lab.report.publish import publish

    if run.passes:
        console.print(f"report: {publish(run)}", soft_wrap=True)
    return None
