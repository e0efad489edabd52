"""Cuts connections of each transport that has some, and counts what was lost and doubled.

    python -m tools.cuts --cuts 1000 --jobs 3 --out results/faults/cuts.json

Each transport plays runs of `lab faults`, with a new room and the next seed each, until it has so
many cuts: 100 connections are cut in a run, or fewer if it takes too long. A report that is there
already goes on, after Ctrl-C, too: it has each run that has ended. The server itself is left alone:
for that see `tools.crashes`. Ends with 1 if a rule of the room was broken, and with the
counterexample beside the report.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import sys
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import Executor, ProcessPoolExecutor, as_completed
from pathlib import Path

from lab import record
from lab.contract import Capability
from lab.faults.history import shrink, told
from lab.faults.run import LOST, TWICE, Found, run
from lab.faults.script import Fault, Script
from lab.faults.subject import ServedProcess
from transports import registry

CUTS_PER_RUN = 100
LONGEST_S = 120
"""A run ends then, however few connections were cut."""
EVERY_S = 0.04
KINDS: tuple[Fault, ...] = ("cut", "cut all", "stall")

Play = Callable[[str, int, Path], Mapping[str, int]]
"""(transport, seed, folder of the report) -> what one run had of everything"""


def play(name: str, seed: int, folder: Path) -> dict[str, int]:
    """One run on one transport. Returns what it had of everything."""
    script = Script(seconds=LONGEST_S, seed=seed, cuts=CUTS_PER_RUN, every_s=EVERY_S, kinds=KINDS)
    found = asyncio.run(run(registry.load(name), ServedProcess(name), script))
    explain(found, folder / f"{name}-{seed}")
    return counted(found)


def counted(found: Found) -> dict[str, int]:
    """What one run had of everything."""
    return {
        "runs": 1,
        "cut": found.faults.get("connections cut", 0),
        "stalls": found.faults.get("stall", 0),
        "acknowledged": found.acknowledged,
        "judged": found.judged,
        "lost": found.count(*LOST),
        "doubled": found.count(*TWICE),
        "other": len(found.violations) - found.count(*LOST, *TWICE),
    }


def explain(found: Found, beside: Path) -> None:
    """Write the smallest history that breaks each broken rule."""
    for rule in dict.fromkeys(each.rule for each in found.violations):
        smallest, violation = shrink(found.history, rule)
        text = told(smallest, violation)
        beside.with_name(f"{beside.name}-{rule.replace(' ', '-')}.txt").write_text(text + "\n")


def cuttable() -> list[str]:
    """The transports with connections that can be cut, and a room."""
    can = {name: registry.load(name).capabilities for name in registry.available()}
    by_network = {Capability.TCP, Capability.WEBTRANSPORT}
    return [name for name, its in can.items() if Capability.ROOM in its and its & by_network]


class Report:
    """What all runs of each transport had, in a file that is there already or not."""

    def __init__(self, path: Path) -> None:
        self._path = path
        known = json.loads(path.read_text()) if path.exists() else {}
        self.total = {name: Counter[str](row) for name, row in known.items()}

    def row(self, name: str) -> Counter[str]:
        """What this transport had."""
        return self.total.setdefault(name, Counter())

    def add(self, name: str, counts: Mapping[str, int]) -> None:
        """Add a run, and write the file: at any instant it is the old or the new one."""
        self.row(name).update(counts)
        rows = {name: row for name, row in self.total.items() if row}
        text = json.dumps(rows, indent=1) + "\n"
        record.save(self._path.parent, self._path.name, text.encode())

    @property
    def is_broken(self) -> bool:
        """Whether a rule was broken."""
        return any(row["lost"] or row["doubled"] or row["other"] for row in self.total.values())


def go_on(
    report: Report, folder: Path, names: Sequence[str], cuts: int, pool: Executor, play: Play = play
) -> None:
    """Play until each of these transports has so many cuts, or a run that brings nothing."""
    left = list(names)
    while left := [name for name in left if report.row(name)["cut"] < cuts]:
        # One run of each transport, and then the next one: it may be ended at any time.
        playing = {
            pool.submit(play, name, report.row(name)["runs"] + 1, folder): name for name in left
        }
        for done in as_completed(playing):
            name = playing[done]
            if (error := done.exception()) is not None:
                print(name, "has no run:", error, file=sys.stderr, flush=True)
                left.remove(name)
                continue
            report.add(name, done.result())
            if not done.result()["cut"]:
                left.remove(name)
            print(name, dict(report.row(name)), flush=True)


def table(report: Mapping[str, Mapping[str, int]]) -> str:
    """The report as a table of Markdown."""
    heads = {
        "cut": "connections cut",
        "stalls": "stalls",
        "acknowledged": "acknowledged",
        "lost": "lost",
        "doubled": "doubled",
        "other": "other rules broken",
    }
    lines = [f"| transport | {' | '.join(heads.values())} |", "|---|" + "---:|" * len(heads)]
    for name, row in report.items():
        lines.append(f"| `{name}` | {' | '.join(f'{row[key]:,}' for key in heads)} |")
    return "\n".join(lines)


def main() -> None:
    """Run it as the command line says, and write the report after each run."""
    parser = argparse.ArgumentParser(description="Cut connections, and count what is lost.")
    parser.add_argument("--transports", help="Separated by commas; default: all that can be cut.")
    parser.add_argument("--cuts", type=int, default=1000)
    parser.add_argument("--jobs", type=int, default=2)
    parser.add_argument("--out", type=Path, required=True)
    options = parser.parse_args()
    names = options.transports.split(",") if options.transports else cuttable()
    folder = options.out.parent
    folder.mkdir(parents=True, exist_ok=True)
    report = Report(options.out)
    with ProcessPoolExecutor(options.jobs) as pool:
        go_on(report, folder, names, options.cuts, pool)
    sys.exit(report.is_broken)


if __name__ == "__main__":
    main()
