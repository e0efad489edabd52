"""The claim `guaranteed-delivery`: what counts as missed, as doubled and as out of order."""

from __future__ import annotations

import pytest

from lab.bilingual import same
from lab.claims._support.claim import Verdict
from lab.claims._support.deliveries import Delivery, compare
from lab.claims.guaranteed_delivery import (
    AIDS,
    FEW,
    JAVASCRIPT,
    TRANSPORTS,
    interrupted,
    judge,
    offline,
)
from lab.interop.node import node_unavailable
from lab.measure.server import ServerProcess
from tests.interop.conftest import needs
from transports import registry

SENT = ["one", "two", "three"]
SOMEHOW = same("somehow")


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
def test_received_texts_are_compared_with_sent_texts(
    heard: list[str], missed: int, doubled: int, in_order: bool
) -> None:
    found = compare("transport", SOMEHOW, False, SENT, heard)
    assert (found.missed, found.doubled, found.in_order) == (missed, doubled, in_order)
    assert found.exactly_once is (not missed and not doubled)


def delivery(transport: str, *, aided: bool = False, heard: list[str] | None = None) -> Delivery:
    return compare(transport, SOMEHOW, aided, SENT, SENT if heard is None else heard)


@pytest.mark.parametrize("heard", [["one"], [*SENT, "three"], ["two", "one", "three"]])
def test_the_verdict_follows_from_socketio_alone(heard: list[str]) -> None:
    good, bad = delivery("a"), delivery("b", heard=heard)
    assert judge([good, delivery("b")]) is Verdict.HOLDS
    assert judge([good, bad]) is Verdict.DEPENDS
    assert judge([bad]) is judge([bad, delivery("b")]) is Verdict.DOES_NOT_HOLD


def test_deliveries_aided_by_the_room_do_not_count() -> None:
    aided = delivery("a", aided=True)
    assert judge([delivery("a", heard=[]), aided]) is Verdict.DOES_NOT_HOLD
    assert judge([delivery("a"), delivery("a", aided=True, heard=[])]) is Verdict.HOLDS


def test_the_servers_are_transports_of_the_registry() -> None:
    assert {*TRANSPORTS} <= registry.TRANSPORTS.keys()


async def test_what_the_javascript_library_does_about_an_interruption() -> None:
    needs(node_unavailable())
    found = {it.how: it for it in await interrupted()}
    assert found.keys() == {how for how, _ in AIDS.values()}
    counts = {how: (it.missed, it.doubled, it.in_order) for how, it in found.items()}
    expected = {
        "buffered": (0, 0, True),
        "away": (FEW, 0, True),
        "retried, request lost": (0, 0, True),
        "retried, answer lost": (0, 1, True),
        "away, recovery within its window": (0, 0, True),
        "away, recovery past its window": (FEW, 0, True),
        "away, recovery without an earlier event": (FEW, 0, True),
    }
    assert counts == {AIDS[case][0]: count for case, count in expected.items()}
    assert {it.transport for it in found.values()} == {JAVASCRIPT}


async def test_pythons_client_raises_where_it_is_disconnected() -> None:
    with ServerProcess("socketio") as server:
        found, _ = await offline(server)
    assert (found.refused, found.missed, found.doubled) == (FEW, FEW, 0)
