"""What is said of each sentence of the Umeå study follows from the figures."""

from __future__ import annotations

from io import StringIO

import pytest
from rich.console import Console

from lab.reproduce import umea_page as page
from lab.reproduce.umea import (
    ALONE,
    CASES,
    LABELS,
    TOGETHER,
    WEBSOCKET,
    WEBTRANSPORT,
    Behind,
    Case,
    Redone,
    Trips,
)

NOISE = (1.0, 1.02, 0.98, 1.01, 0.99)
"""What differs between passes."""
RTT, MULTIPLEXED, BLOCKING, UNRELIABLE = range(4)
"""The sentences, in the order of the page."""


def trips(mean: float, noise: tuple[float, ...]) -> list[Trips]:
    return [Trips(p50=20.0, p99=5 * mean, mean=mean * each) for each in noise]


def found(
    ratios: dict[Case, float] | None = None,
    lost: tuple[float, float] = (41, 36),
    noise: tuple[float, ...] = NOISE,
) -> Redone:
    """A run in which WebTransport's means are these multiples of WebSocket's (default: half)."""
    given = dict.fromkeys(CASES, 0.5) | (ratios or {})
    even = (1.0,) * len(noise)
    return Redone(
        trips={
            case: {WEBSOCKET: trips(60, even), WEBTRANSPORT: trips(60 * given[case], noise)}
            for case in CASES
        },
        behind={
            label: [Behind(none=11, lost=ms * each) for each in noise]
            for label, ms in zip(LABELS, lost, strict=True)
        },
    )


def verdicts(done: Redone) -> list[str]:
    return [each.verdict for each in page.judged(done)]


def test_sentences_that_hold() -> None:
    first, second, third, fourth = page.judged(found(lost=(41, 11)))
    assert [first.verdict, second.verdict, third.verdict] == [page.HOLDS] * 3
    assert "WebSocket's: 0.50× [0.49" in first.because
    assert " 0 %" not in first.because, "the sentence is about networks that lose packets"
    assert "] at 0 %, 0.50×" in second.because
    assert "takes 11.0 ms" in third.because
    assert "It waits all the same" not in third.because
    assert fourth.verdict == page.NOT_MEASURED


def test_sentences_that_do_not_hold() -> None:
    slower = found(dict.fromkeys(CASES, 1.5), lost=(36, 41))
    assert verdicts(slower)[:UNRELIABLE] == [page.DOES_NOT_HOLD] * 3


def test_sentences_that_hold_in_part() -> None:
    assert verdicts(found({(TOGETHER, 0): 1.2}))[MULTIPLEXED] == page.IN_PART
    assert verdicts(found({(ALONE, 5): 1.2}))[RTT] == page.IN_PART
    third = list(page.judged(found(lost=(41, 36))))[BLOCKING]
    assert third.verdict == page.IN_PART
    assert "It waits all the same: both rooms are on one stream." in third.because


def test_no_loss_has_no_part_in_the_first_sentence() -> None:
    assert verdicts(found({(ALONE, 0): 1.2}))[RTT] == page.HOLDS


def test_an_interval_that_covers_the_threshold_decides_nothing() -> None:
    first = next(iter(page.judged(found({(ALONE, 15): 0.995}))))
    assert first.verdict == page.UNDECIDED
    assert "About " in first.because
    assert "passes may decide it." in first.because
    few = next(iter(page.judged(found(noise=NOISE[:4]))))
    assert few.verdict == page.UNDECIDED
    assert "There is an interval from 5 passes on." in few.because


def test_the_verdict_follows_from_its_threshold(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(page, "FASTER", 0.1)
    assert verdicts(found())[RTT] == page.DOES_NOT_HOLD
    monkeypatch.setattr(page, "FASTER", 1.0)
    monkeypatch.setattr(page, "WAITS", 10.0)
    assert verdicts(found())[BLOCKING] == page.HOLDS


def test_the_tables_have_every_sentence_and_fit_in_a_terminal() -> None:
    console = Console(width=80, record=True, file=StringIO())
    done = found()
    console.print(page.times(done), page.verdicts(done), sep="\n")
    text = console.export_text()
    assert max(map(len, text.splitlines())) <= 80
    said = " ".join(text.split())
    for words in ("holds in part", "not measured", "alone", "8 at once in 8 rooms"):
        assert words in said, words
    assert text.count("0.50× [0.49") >= len(CASES)
