"""Which delays make the claim `one-lost-packet` hold."""

from __future__ import annotations

import pytest

from lab.claims._support.claim import Verdict
from lab.claims.one_lost_packet import Delays, judge


@pytest.mark.parametrize(
    ("found", "verdict"),
    [
        (Delays(none=1.0, shared=3.4, apart=1.1, streams=1.1), Verdict.HOLDS),
        (Delays(none=1.0, shared=3.4, apart=1.1, streams=3.1), Verdict.DEPENDS),
        (Delays(none=1.0, shared=3.4, apart=3.0, streams=1.1), Verdict.DEPENDS),
        (Delays(none=1.0, shared=1.1, apart=1.1, streams=1.1), Verdict.DEPENDS),
        (Delays(none=1.0, shared=1.1, apart=2.5, streams=2.5), Verdict.DOES_NOT_HOLD),
    ],
    ids=["as claimed", "streams wait", "WebSockets wait", "nothing waits", "only others wait"],
)
def test_the_verdict_follows_from_the_delays(found: Delays, verdict: Verdict) -> None:
    assert judge(found) is verdict
