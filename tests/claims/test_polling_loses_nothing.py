"""Which transfers make the claim `polling-loses-nothing` hold."""

from __future__ import annotations

import inspect

import engineio.payload
import pytest

from lab.claims._support.claim import Verdict
from lab.claims.polling_loses_nothing import (
    FITS,
    NODE_TRANSPORT,
    TOO_MANY,
    TRANSPORT,
    Transfer,
    judge,
)
from transports import registry

WHOLE = Transfer("transport", "equal", "17 packets", 17, 17, 200)
LOST = Transfer("transport", "stock", "17 packets", 17, 0, 200)
CUT_SHORT = Transfer("transport", "stock", "a backlog", 50, 3, None, ended=True)


@pytest.mark.parametrize(
    ("transfers", "verdict"),
    [
        ([WHOLE, WHOLE], Verdict.HOLDS),
        ([WHOLE, LOST], Verdict.DEPENDS),
        ([WHOLE, CUT_SHORT], Verdict.DEPENDS),
        ([LOST, CUT_SHORT], Verdict.DOES_NOT_HOLD),
    ],
)
def test_the_verdict_follows_from_the_arrivals(transfers: list[Transfer], verdict: Verdict) -> None:
    assert judge(transfers) is verdict


def test_the_bursts_are_just_below_and_above_the_librarys_default_limit() -> None:
    """The default stands in the library's source, whatever a transport has set for this process."""
    text = inspect.getsource(engineio.payload.Payload)
    assert f"max_decode_packets = {FITS}" in text
    assert TOO_MANY == FITS + 1


def test_the_servers_are_transports_of_the_registry() -> None:
    assert {TRANSPORT, NODE_TRANSPORT} <= registry.TRANSPORTS.keys()
