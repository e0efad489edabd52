"""The claim that polling loses nothing: which passages make it hold."""

from __future__ import annotations

import inspect

import engineio.payload
import pytest

from lab.claims.claim import Verdict
from lab.claims.polling_loses_nothing import FITS, NODE_WIRE, TOO_MANY, WIRE, Passage, judge
from transports import registry

WHOLE = Passage("wire", "equal", "17 packets", 17, 17, 200)
LOST = Passage("wire", "stock", "17 packets", 17, 0, 200)
CUT_SHORT = Passage("wire", "stock", "a backlog", 50, 3, None, ended=True)


@pytest.mark.parametrize(
    ("passages", "verdict"),
    [
        ([WHOLE, WHOLE], Verdict.HOLDS),
        ([WHOLE, LOST], Verdict.DEPENDS),
        ([WHOLE, CUT_SHORT], Verdict.DEPENDS),
        ([LOST, CUT_SHORT], Verdict.DOES_NOT_HOLD),
    ],
)
def test_the_verdict_is_that_of_what_came(passages: list[Passage], verdict: Verdict) -> None:
    assert judge(passages) is verdict


def test_the_bursts_are_on_both_sides_of_the_library_as_installed() -> None:
    """Its class says what is installed, whatever a wire has set for this process."""
    text = inspect.getsource(engineio.payload.Payload)
    assert f"max_decode_packets = {FITS}" in text
    assert TOO_MANY == FITS + 1


def test_the_servers_are_wires_of_the_registry() -> None:
    assert {WIRE, NODE_WIRE} <= registry.WIRES.keys()
