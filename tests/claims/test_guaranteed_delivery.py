"""The claim that delivery is guaranteed: what counts as lost, as doubled and as out of order."""

from __future__ import annotations

import pytest

from lab.claims.claim import Verdict
from lab.claims.guaranteed_delivery import WIRES, Delivery, compare, judge
from transports import registry

SENT = ["one", "two", "three"]


@pytest.mark.parametrize(
    ("heard", "missed", "doubled", "in_order"),
    [
        (["one", "two", "three"], 0, 0, True),
        (["one", "three"], 1, 0, True),
        ([], 3, 0, True),
        (["one", "two", "two", "three"], 0, 1, True),
        (["two", "one", "three"], 0, 0, False),
        (["three", "three", "three", "one"], 1, 2, False),
    ],
)
def test_what_is_heard_is_held_against_what_was_sent(
    heard: list[str], missed: int, doubled: int, in_order: bool
) -> None:
    found = compare("wire", "somehow", False, SENT, heard)
    assert (found.missed, found.doubled, found.in_order) == (missed, doubled, in_order)
    assert found.exactly_once is (not missed and not doubled)


def delivery(wire: str, *, aided: bool = False, heard: list[str] | None = None) -> Delivery:
    return compare(wire, "somehow", aided, SENT, SENT if heard is None else heard)


@pytest.mark.parametrize("heard", [["one"], [*SENT, "three"], ["two", "one", "three"]])
def test_the_verdict_is_that_of_what_socketio_does_alone(heard: list[str]) -> None:
    good, bad = delivery("a"), delivery("b", heard=heard)
    assert judge([good, delivery("b")]) is Verdict.HOLDS
    assert judge([good, bad]) is Verdict.DEPENDS
    assert judge([bad]) is judge([bad, delivery("b")]) is Verdict.DOES_NOT_HOLD


def test_what_the_room_adds_is_not_socketios() -> None:
    aided = delivery("a", aided=True)
    assert judge([delivery("a", heard=[]), aided]) is Verdict.DOES_NOT_HOLD
    assert judge([delivery("a"), delivery("a", aided=True, heard=[])]) is Verdict.HOLDS


def test_the_servers_are_wires_of_the_registry() -> None:
    assert {*WIRES} <= registry.WIRES.keys()
