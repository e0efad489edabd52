"""The count of answers that follow the tutorials: what it counts, and what it leaves out."""

from __future__ import annotations

from lab.handshakes.answer import After, Answer
from lab.handshakes.tally import Tally, tally
from tests.handshakes.factory import KEPT, OPENED, REFUSED, SILENT, column


def test_wrong_handshakes_are_counted_and_the_control_is_not() -> None:
    found = tally(
        [
            column("one", {"right": OPENED, "post": REFUSED, "no-key": KEPT}),
            column("two", {"right": OPENED, "post": SILENT, "no-key": KEPT}),
        ]
    )
    assert found == Tally(1, 4, {"400 kept": 2, "silence": 1})
    assert list(found.otherwise) == ["400 kept", "silence"]
    assert str(found).endswith("holds for 1 of 4; otherwise 400 kept: 2, silence: 1")


def test_a_server_without_websocket_is_not_counted() -> None:
    polling = column("polling", {"right": Answer(200, After.KEPT), "post": KEPT}, websocket=False)
    assert tally([polling]) == Tally(0, 0, {})


def test_sessions_left_behind_are_no_separate_kind() -> None:
    leaking = Answer(500, After.CLOSED, left=1)
    found = tally([column("one", {"post": leaking, "no-key": Answer(500, After.CLOSED)})])
    assert found == Tally(0, 2, {"500 closed": 2})


def test_a_rule_that_always_holds_has_no_exceptions_listed() -> None:
    found = tally([column("one", {"right": OPENED, "post": REFUSED})])
    assert str(found).endswith("holds for 1 of 1")
