"""`lab cluster --costs`: what it measures, writes and shows."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from click.testing import CliRunner

from lab.cli import cluster_costs, main
from lab.cluster import programs, registry
from lab.cluster.costs import Sizes
from tests.interop.conftest import needs
from transports._shared.extras import missing as missing_package


def test_the_costs_are_measured_written_and_shown(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    needs(missing_package("redis"))
    needs(programs.missing("redis-server"))
    name = next(iter(registry.JOINED))
    monkeypatch.setattr(cluster_costs, "PASSES", 1)
    monkeypatch.setattr(cluster_costs, "SIZES", Sizes(rounds=3, messages=40, warm=10))
    monkeypatch.setattr(registry, "JOINED", {name: registry.JOINED[name]})
    file = tmp_path / "costs.json"
    shown = CliRunner().invoke(main, ["cluster", "--nodes", "4", "--costs", str(file)])
    assert shown.exit_code == 0, shown.output
    written = json.loads(file.read_text(encoding="utf-8"))
    assert written["environment"]["machine"]["cores"] >= 1
    (found,) = written["passes"][name]
    assert found["found_wasted"] == pytest.approx(found["predicted_wasted"])
    assert min(*found["costs"].values(), found["local_us"], found["remote_us"]) != 0
    assert found["mixing"] not in (0, 1)  # measured on two nodes, for four
    assert "on 4 nodes, predicted from 2:" in shown.output
    assert f"\n{name}: predicted {found['predicted_us']:,.0f} µs, found " in shown.output
