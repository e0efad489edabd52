"""Which observations make the claim `falls-back` hold."""

from __future__ import annotations

from msgspec.structs import replace

from lab.claims._support.claim import Verdict
from lab.claims.falls_back import Attempt, judge

UPGRADING = Attempt("a", "as installed", True, False, ("polling", "websocket"), "polling", 9)
STUCK = Attempt("a", "WebSocket first", True, False, ("websocket",), None, 3)
FALLING = replace(STUCK, requested=("websocket", "polling"), transport="polling")


def test_a_client_that_starts_with_polling_does_not_fall_back() -> None:
    assert not UPGRADING.fell_back
    assert judge([UPGRADING, STUCK]) is Verdict.DOES_NOT_HOLD


def test_a_client_that_tries_websocket_and_ends_on_polling_falls_back() -> None:
    assert FALLING.fell_back
    assert judge([UPGRADING, FALLING]) is Verdict.HOLDS


def test_a_client_that_requests_polling_and_fails_has_not_fallen_back() -> None:
    assert judge([replace(FALLING, transport=None)]) is Verdict.DOES_NOT_HOLD


def test_an_extra_option_does_not_count() -> None:
    assert judge([STUCK, replace(FALLING, extra=True)]) is Verdict.DOES_NOT_HOLD


def test_an_open_network_does_not_count() -> None:
    assert judge([STUCK, replace(FALLING, blocked=False)]) is Verdict.DOES_NOT_HOLD


def test_two_clients_that_differ_give_depends() -> None:
    assert judge([STUCK, replace(FALLING, client="b")]) is Verdict.DEPENDS
