"""The part of docs/today.md that quotes a run: with a run, and as long as none is committed."""

from __future__ import annotations

from pathlib import Path

import pytest

from lab.report.model import formatting
from lab.report.model.summary import against
from tests.report.factory import Made, make
from tools import experiments, measured

LABELS = ("websocket", "websocket+tls", "websocket+resumed", "webtransport")


@pytest.fixture
def root(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    for module in (experiments, measured):
        monkeypatch.setattr(module, "ROOT", tmp_path)
    return tmp_path


def test_without_a_run_it_says_so(root: Path) -> None:
    assert not (root / experiments.TODAY_RUNS).exists()
    assert experiments.today() == "No such run is committed yet.\n"


def test_only_what_speaks_tls_in_full_is_shown(root: Path) -> None:
    made = make(root / experiments.TODAY_RUNS, Made(transports=LABELS))
    found = experiments.today()
    rows = [line.split("|")[1].strip() for line in found.splitlines() if line.startswith("| `")]
    assert set(rows) == {"`websocket+tls`", "`webtransport`"}
    compared = next(line for line in found.splitlines() if "`webtransport` | `websocket" in line)
    ratio = against(made, "connect_p50_ms", "webtransport", "websocket+tls")
    assert ratio is not None
    assert formatting.ratio(ratio) in compared
    assert made.id in found
