"""Which results make the claim `built-apart` hold."""

from __future__ import annotations

import pytest
from msgspec.structs import replace

from lab.claims._support.claim import Verdict
from lab.claims.built_apart import RTTS_OF_REAL_TIME, TRANSPORTS, TransportResult, judge
from transports import registry

GOOD = TransportResult("transport", True, 1.0)


@pytest.mark.parametrize(
    "worse", [replace(GOOD, complete=False), replace(GOOD, delivery_rtts=RTTS_OF_REAL_TIME)]
)
def test_the_verdict_follows_from_the_results(worse: TransportResult) -> None:
    assert judge([GOOD, GOOD]) is Verdict.HOLDS
    assert judge([GOOD, worse]) is Verdict.DEPENDS
    assert judge([worse]) is Verdict.DOES_NOT_HOLD


def test_every_transport_that_node_serves_is_tested() -> None:
    assert set(TRANSPORTS) == set(registry.NODE)
