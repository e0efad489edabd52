"""Cuts connections of each transport that has some, and counts what was lost and doubled.

    python -m tools.cuts --cuts 1000 --jobs 3 --out results/faults/cuts.json

Each transport plays runs of `lab faults`, with a new room and the next seed each: 100 connections
are cut in each of them. A report that is there already goes on. The server itself is left alone:
for that see `tools.crashes`. Ends with 1 if a rule of the room was broken, and with the
counterexample beside the report.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import sys
from collections import Counter
from collections.abc import Mapping
from concurrent.futures import ProcessPoolExecutor, as_completed
from pathlib import Path

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
    """The transports with TCP connections and a room."""
    wanted = {Capability.TCP, Capability.ROOM}
    usable = registry.available()
    return [name for name in usable if wanted <= registry.load(name).capabilities]


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
    options.out.parent.mkdir(parents=True, exist_ok=True)
    known = json.loads(options.out.read_text()) if options.out.exists() else {}
    total: dict[str, Counter[str]] = {name: Counter(known.get(name, {})) for name in names}
    with ProcessPoolExecutor(options.jobs) as pool:
        # All transports with one seed, and then with the next one: it may be ended at any time.
        seeds = range(1, -(-options.cuts // CUTS_PER_RUN) + 1)
        folder = options.out.parent
        playing = {
            pool.submit(play, name, seed, folder): name
            for seed in seeds
            for name in names
            if seed > total[name]["runs"]
        }
        for done in as_completed(playing):
            if (error := done.exception()) is not None:
                print(playing[done], "has no run:", error, file=sys.stderr, flush=True)
                continue
            total[playing[done]].update(done.result())
            options.out.write_text(json.dumps(total, indent=1) + "\n")
            print(playing[done], dict(total[playing[done]]), flush=True)
    sys.exit(any(row["lost"] or row["doubled"] or row["other"] for row in total.values()))


if __name__ == "__main__":
    main()
