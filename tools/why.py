"""Injects every cause on every transport, and writes what was seen into lab/why/observed.json.

`python -m tools.why` takes some minutes. `--transports A,B` and `--libraries A,B` observe these
alone, and keep the other rows.
`python -m tools.generate` puts the tables into docs/why.md.
"""

from __future__ import annotations

import argparse
import asyncio
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))  # a script's own folder is what Python puts there

from lab.why import table  # noqa: E402
from lab.why.inject import PLANS, observe  # noqa: E402
from lab.why.table import Observed, Row  # noqa: E402
from transports import registry  # noqa: E402

ATTEMPTS = 2
"""A busy machine may make a server late."""


async def _row(name: str, library: str, cause: str) -> Row:
    transport = registry.load(name)
    for attempt in range(ATTEMPTS):
        try:
            found = await observe(transport, cause, in_node=library in table.PACKAGES)
        except (OSError, TimeoutError, RuntimeError) as error:
            if attempt == ATTEMPTS - 1:
                raise
            print(f"{name}: {cause}: {error!r}, once more", file=sys.stderr)
            continue
        return table.row(name, library, cause, found)
    raise AssertionError("unreachable")


async def _observe(wanted: list[tuple[str, str]]) -> list[Row]:
    rows = []
    for name, library in wanted:
        for cause, plan in PLANS.items():
            if plan.own_request and library in table.PACKAGES:
                continue
            rows.append(await _row(name, library, cause))
            found = rows[-1].named or rows[-1].without
            print(f"{name}, {library}: {cause}: {found}", file=sys.stderr)
    return rows


def _wanted(names: list[str], libraries: list[str]) -> list[tuple[str, str]]:
    both = [(name, each) for name in names for each in table.libraries(registry.load(name))]
    return [(name, each) for name, each in both if not libraries or each in libraries]


def main() -> None:
    """Observe, and write the file."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--transports", default=",".join(table.transports()))
    parser.add_argument("--libraries", default="", help="these clients alone")
    parser.add_argument("--output", type=Path, default=table.PATH)
    chosen = parser.parse_args()
    wanted = _wanted(chosen.transports.split(","), list(filter(None, chosen.libraries.split(","))))
    rows = asyncio.run(_observe(wanted))
    kept = [row for row in table.load().rows if (row.transport, row.library) not in wanted]
    table.save(Observed(rows=sorted(kept + rows, key=table.place)), chosen.output)


if __name__ == "__main__":
    main()
