"""The parts of docs/today.md that quote runs: with a run, and as long as none is committed."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path

import pytest

from lab.bilingual import Language
from lab.report.model import formatting
from lab.report.model.summary import against
from tests.report.factory import Made, make
from tools import measured, today

LABELS = (
    *("websocket", "websocket+tls", "websocket+resumed"),
    *("websocket-h2", "websocket-h2+tls", "webtransport"),
)
PARTS = {
    "cost": lambda: today.cost(Language.ENGLISH),
    "msgpack": lambda: today.msgpack(Language.ENGLISH),
    "short": lambda: today.short(Language.ENGLISH),
    "http2": today.http2,
    "webtransport": today.webtransport,
}


RATIO = re.compile(r"[\d.]+× \[[\d., ]+\]")


@pytest.fixture
def root(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    for module in (today, measured):
        monkeypatch.setattr(module, "ROOT", tmp_path)
    return tmp_path


@pytest.mark.parametrize("part", PARTS.values(), ids=PARTS)
def test_without_a_run_it_says_so(root: Path, part: Callable[[], str]) -> None:
    assert not (root / today.TODAY_RUNS).exists()
    assert part() == today.NO_RUN.english


def test_only_what_speaks_tls_in_full_is_shown(root: Path) -> None:
    made = make(root / today.TODAY_RUNS, Made(transports=LABELS))
    found = today.cost(Language.ENGLISH)
    rows = [line.split("|")[1].strip() for line in found.splitlines() if line.startswith("| `")]
    assert set(rows) == {"`websocket+tls`", "`websocket-h2+tls`", "`webtransport`"}
    compared = next(line for line in found.splitlines() if "`webtransport` | `websocket" in line)
    ratio = against(made, "connect_p50_ms", "webtransport", "websocket+tls")
    assert ratio is not None
    assert formatting.ratio(ratio) in compared
    assert made.id in found


def test_the_answer_has_the_ratios_of_the_table(root: Path) -> None:
    made = make(root / today.TODAY_RUNS, Made(transports=LABELS))
    ratio = against(made, "rtt_p50_us", "websocket-h2+tls", "websocket+tls")
    assert ratio is not None
    assert f"{formatting.ratio(ratio)} the time of a round trip" in today.http2()


def test_what_a_run_lacks_is_a_dash_in_the_answer(root: Path) -> None:
    make(root / today.TODAY_RUNS, Made(transports=LABELS[:3]))
    assert "takes – the time to connect" in today.http2()


@pytest.mark.parametrize("part", [today.short, today.cost, today.msgpack])
def test_both_languages_have_the_same_figures(part: Callable[[Language], str]) -> None:
    english, korean = (RATIO.findall(part(each)) for each in Language)
    assert english == korean != []
