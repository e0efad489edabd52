"""Cells in a few characters and as a sentence, and the clients' messages by server."""

from __future__ import annotations

import pytest

from lab.interop.outcome import Aim, Report, State
from lab.interop.words import LEGEND, MARKS, Refusal, refusals, sentence, short, span_ms
from tests.interop import sample


@pytest.mark.parametrize(
    ("report", "statuses", "state", "shown"),
    [
        (sample.CHATS, (200, 101), State.CHATS, "✓ 12"),
        (sample.MUTE, (101,), State.CONNECTS, "○ 8"),
        (sample.REFUSED, (200, 404), State.REFUSED, "✗ 404"),
        (sample.REFUSED, (200, 404, 500), State.REFUSED, "✗ 404"),
        (sample.REFUSED, (200, 101), State.REFUSED, "✗ 101"),
        (sample.REFUSED, (), State.REFUSED, "✗ 1006"),
        (Report(ended_ms=1), (), State.REFUSED, "✗"),
        (sample.SILENT, (101,), State.SILENT, "…"),
    ],
)
def test_a_cell_in_a_few_characters(
    report: Report, statuses: tuple[int, ...], state: State, shown: str
) -> None:
    cell = sample.cell(report, statuses)
    assert cell.state is state
    assert short(cell) == shown


@pytest.mark.parametrize(
    ("report", "said"),
    [
        (sample.CHATS, "connects after 12 ms and joins the room"),
        (sample.MUTE, "connects after 8 ms, but can't chat: it ends after 10 ms"),
        (sample.IGNORED, "connects after 8 ms, but gets no answer to its join within 5 s"),
        (sample.REFUSED, "gives up after 3 ms"),
        (sample.SILENT, "no answer within 5 s: it neither connects nor gives up"),
    ],
)
def test_a_cell_in_a_sentence(report: Report, said: str) -> None:
    assert sentence(sample.cell(report), 5) == said


def test_an_untested_cell_gives_the_reason() -> None:
    missing = sample.matrix().cell("socketio", "other", Aim.PLAIN)
    assert short(missing) == "–"
    assert sentence(missing, 5) == "not tested: needs [luck]"


def test_each_message_is_shown_once_with_all_its_servers() -> None:
    assert list(refusals(sample.matrix(), Aim.PLAIN)) == [
        Refusal("ws", "Unexpected server response: 404 (close code 1006)", "3 ms", ("socketio",)),
        Refusal("other", "(not tested: needs [luck])", "", ("websocket", "socketio")),
    ]
    first, second, _missing = refusals(sample.matrix(), Aim.ENGINE_IO)
    assert first == Refusal("ws", "(nothing within 5 s)", "", ("websocket",))
    assert second == Refusal("ws", "(no message) (close code 1006)", "10 ms", ("socketio",))


def test_every_state_has_its_own_mark_and_meaning() -> None:
    assert len(set(MARKS.values())) == len(State)
    assert set(LEGEND) == set(State)


@pytest.mark.parametrize(
    ("times_ms", "said"),
    [((), ""), ((None,), ""), ((3.2, 3.4), "3 ms"), ((97.4, None, 28), "28 to 97 ms")],
)
def test_a_span_of_times(times_ms: tuple[float | None, ...], said: str) -> None:
    assert span_ms(times_ms) == said
