"""The committed counts of cuts and crashes, as docs/faults.md has them."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from lab.contract import Capability
from tools.cuts import cuttable, table
from transports import registry

ROOT = Path(__file__).parents[2]
REPORTS = ROOT / "results" / "faults"
PAGE = (ROOT / "docs" / "faults.md").read_text(encoding="utf-8")


def test_the_page_has_the_counts_of_the_cuts() -> None:
    report = json.loads((REPORTS / "cuts.json").read_text())
    assert table(report) in PAGE
    assert f"{sum(row['cut'] for row in report.values()):,} connections" in PAGE
    assert all(row["judged"] == row["acknowledged"] > 0 for row in report.values())


@pytest.mark.parametrize("sync", ["normal", "full"])
def test_the_page_has_the_counts_of_the_crashes(sync: str) -> None:
    (row,) = (
        each for each in json.loads((REPORTS / "crashes.json").read_text()) if each["sync"] == sync
    )
    counts = (row[key] for key in ("crashes", "said", "acknowledged", "events", "lost", "doubled"))
    assert f"| `{sync}` | {' | '.join(f'{count:,}' for count in counts)} |" in PAGE


def test_what_can_be_cut_has_connections_and_a_room() -> None:
    for name in cuttable():
        capabilities = registry.load(name).capabilities
        assert Capability.ROOM in capabilities
        assert {Capability.TCP, Capability.WEBTRANSPORT} & capabilities
    assert "loopback" not in cuttable()
