"""The claim about falling back: which observations make it hold."""

from __future__ import annotations

from msgspec.structs import replace

from lab.claims.claim import Verdict
from lab.claims.falls_back import Attempt, judge

UPGRADING = Attempt("a", "as installed", True, False, ("polling", "websocket"), "polling", 9)
STUCK = Attempt("a", "WebSocket first", True, False, ("websocket",), None, 3)
FALLING = replace(STUCK, asked=("websocket", "polling"), transport="polling")


def test_who_begins_with_polling_does_not_fall_back_to_it() -> None:
    assert not UPGRADING.fell_back
    assert judge([UPGRADING, STUCK]) is Verdict.DOES_NOT_HOLD


def test_who_tries_websocket_and_ends_on_polling_falls_back() -> None:
    assert FALLING.fell_back
    assert judge([UPGRADING, FALLING]) is Verdict.HOLDS


def test_who_asks_for_polling_and_gets_nowhere_has_not_fallen_back() -> None:
    assert judge([replace(FALLING, transport=None)]) is Verdict.DOES_NOT_HOLD


def test_what_only_an_extra_option_does_is_not_what_is_told() -> None:
    assert judge([STUCK, replace(FALLING, extra=True)]) is Verdict.DOES_NOT_HOLD


def test_an_open_line_says_nothing_of_falling_back() -> None:
    assert judge([STUCK, replace(FALLING, blocked=False)]) is Verdict.DOES_NOT_HOLD


def test_two_clients_that_differ_make_it_depend() -> None:
    assert judge([STUCK, replace(FALLING, client="b")]) is Verdict.DEPENDS
