"""What makes the claim about the Redis adapter hold."""

from __future__ import annotations

import pytest

from lab.claims._support.claim import Verdict
from lab.claims.redis_adapter_linear import Scaled, in_short, judge
from lab.cluster.reading import Read


def scaled(*each: float) -> Scaled:
    """An adapter whose nodes read so much: one node, two, four."""
    found = zip((1, 2, 4), each, strict=True)
    return Scaled("adapter", tuple(Read(nodes, read, read / 2) for nodes, read in found))


GROWS, STAYS = scaled(40, 80, 160), scaled(40, 40, 44)


@pytest.mark.parametrize(
    ("found", "verdict"),
    [
        ([GROWS, GROWS], Verdict.DOES_NOT_HOLD),
        ([GROWS, STAYS], Verdict.DEPENDS),
        ([STAYS, STAYS], Verdict.HOLDS),
    ],
)
def test_an_adapter_is_linear_if_a_node_reads_no_more_among_more(
    found: list[Scaled], verdict: Verdict
) -> None:
    assert judge(found) is verdict


def test_the_short_evidence_has_the_largest_growth() -> None:
    assert "Each of 4 nodes read 4 times as many" in in_short([STAYS, GROWS]).english
