"""Figures of unlike clients side by side: of the transports that they share, each by its own
run.
"""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from lab import notebook, record
from lab.record import RecordError, Run
from lab.report.model import formatting
from lab.report.model.summary import against
from tests.notebooks.test_shown import png_size
from tests.report import factory
from tests.report.factory import Made

PAGE_TRANSPORTS = ("websocket", "socketio", "socketio-polling")
PANELS = {"connect_p50_ms": "Connect", "rtt_p99_us": "RTT, p99"}


def runs(folder: Path, passes: int = 6) -> dict[str, Run]:
    """What two clients found; the second one asks on fewer transports, and takes longer."""
    browser = Made(
        passes=passes, transports=PAGE_TRANSPORTS, scale=dict.fromkeys(PAGE_TRANSPORTS, 10.0)
    )
    return {"Python": factory.make(folder / "a"), "a browser": factory.make(folder / "b", browser)}


def texts(picture: notebook.Picture) -> list[str]:
    return [note.get_text() for ax in picture.canvas.axes for note in ax.texts]


def test_the_runs_that_come_with_the_lab_are_read_from_the_nearest_checkout(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    results = tmp_path / "results"
    results.mkdir()
    (results / "README.md").touch()
    monkeypatch.chdir(tmp_path)
    python = factory.make(results / "reference")
    factory.make(results)
    with pytest.raises(RecordError, match="there is no run yet"):
        notebook.committed()
    browser = factory.make(results / "in-a-browser")
    assert {name: run.folder for name, run in notebook.committed().items()} == {
        "Python": python.folder,
        "a browser": browser.folder,
    }


def test_a_picture_has_the_transports_and_the_values_of_both(tmp_path: Path) -> None:
    found = runs(tmp_path)
    picture = notebook.by_client(found, PANELS, "title")
    assert png_size(picture)[1] > 200
    first, second = picture.canvas.axes
    assert [label.get_text() for label in first.get_yticklabels()] == [
        "websocket",
        "socketio-polling",
        "socketio",
    ]
    assert (first.get_xlabel(), second.get_xlabel()) == ("ms", "µs")
    shown = texts(picture)
    middle = notebook.medians(found, "connect_p50_ms")
    assert [list(each) for each in middle.values()] == [notebook.shared(found)] * 2
    assert min(middle["a browser"].values()) > max(middle["Python"].values())
    for each in middle.values():
        assert {formatting.number(median) for median in each.values()} <= set(shown)
    assert any(text.replace("\n", " ").startswith("With a browser, socketio") for text in shown)


def test_a_picture_says_how_many_passes_it_rests_on(tmp_path: Path) -> None:
    note = notebook.by_client(runs(tmp_path), PANELS, "title").canvas.get_supxlabel()
    assert "(Python: 7, a browser: 6); lines: their 95 % intervals" in note
    few = notebook.by_client(runs(tmp_path / "few", passes=2), PANELS, "title")
    assert "(Python: 7, a browser: 2); lines: lowest to highest" in few.canvas.get_supxlabel()


def test_a_ratio_is_to_the_client_s_own_baseline(tmp_path: Path) -> None:
    found = runs(tmp_path)
    shown_ratios = notebook.against_baseline(found, PANELS).markdown
    heads, _, *rows = shown_ratios.splitlines()
    names = ["Connect, Python", "Connect, a browser", "RTT, p99, Python", "RTT, p99, a browser"]
    assert heads == f"| {' | '.join(['transport', *names])} |"
    assert rows[0] == "| `websocket` | – | – | – | – |"
    compared = against(found["a browser"], "connect_p50_ms", "socketio", "websocket")
    assert compared is not None
    assert f"| {formatting.ratio(compared)} |" in rows[2]
    # All are ten times as slow in a browser: to each other they are what they are in Python.
    python, browser = re.findall(r"([\d.]+)×", rows[2])[:2]
    assert float(python) == pytest.approx(float(browser), rel=0.2)


def test_a_figure_that_was_not_measured_has_no_median(tmp_path: Path) -> None:
    assert notebook.medians(runs(tmp_path), "no_such_figure") == {"Python": {}, "a browser": {}}


def test_runs_of_no_transport_in_common_share_none(tmp_path: Path) -> None:
    alone = factory.make(tmp_path, Made(transports=("loopback",)))
    assert notebook.shared({"a": alone, "b": record.load(alone.folder)}) == ["loopback"]
    other = factory.make(tmp_path / "other", Made(transports=PAGE_TRANSPORTS))
    assert notebook.shared({"a": alone, "b": other}) == []
