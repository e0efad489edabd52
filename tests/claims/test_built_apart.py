"""The claim about what is built apart: which talks make it hold."""

from __future__ import annotations

import pytest
from msgspec.structs import replace

from lab.claims.built_apart import RTTS_OF_REAL_TIME, WIRES, Talk, judge
from lab.claims.claim import Verdict
from transports import registry

GOOD = Talk("wire", True, 1.0)


@pytest.mark.parametrize(
    "worse", [replace(GOOD, complete=False), replace(GOOD, delivery_rtts=RTTS_OF_REAL_TIME)]
)
def test_the_verdict_is_that_of_the_talks(worse: Talk) -> None:
    assert judge([GOOD, GOOD]) is Verdict.HOLDS
    assert judge([GOOD, worse]) is Verdict.DEPENDS
    assert judge([worse]) is Verdict.DOES_NOT_HOLD


def test_every_wire_that_node_serves_is_tried() -> None:
    assert set(WIRES) == set(registry.NODE)
