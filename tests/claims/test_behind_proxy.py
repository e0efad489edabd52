"""What makes the claims about a proxy hold."""

from __future__ import annotations

import pytest

from lab.claims import polling_survives, sticky_sessions
from lab.claims._support.behind_proxy import Attempts, Way
from lab.claims._support.claim import Verdict
from lab.claims.sticky_sessions import Compared
from lab.load.tapped import Capture
from lab.relay.relay import Traffic


def failing(failed: int, way: Way = "polling") -> Attempts:
    return Attempts(way, 10, failed, (200,), Capture([], [], Traffic()))


@pytest.mark.parametrize(
    ("polling", "websocket", "verdict"),
    [
        ((9, 0), (0, 0), Verdict.DEPENDS),
        ((9, 0), (9, 0), Verdict.HOLDS),
        ((0, 0), (0, 0), Verdict.DOES_NOT_HOLD),
        ((9, 9), (0, 0), Verdict.DOES_NOT_HOLD),
    ],
    ids=["polling only", "both", "neither", "a cookie does not help"],
)
def test_stickiness_is_needed_where_it_helps(
    polling: tuple[int, int], websocket: tuple[int, int], verdict: Verdict
) -> None:
    found = [Compared(*map(failing, each)) for each in (polling, websocket)]
    assert sticky_sessions.judge(found) is verdict


@pytest.mark.parametrize(
    ("polling", "websocket", "verdict"),
    [
        (0, 10, Verdict.HOLDS),
        (1, 10, Verdict.DOES_NOT_HOLD),
        (0, 0, Verdict.CANT_TELL),
    ],
    ids=["polling works", "polling fails too", "nothing was stopped"],
)
def test_polling_survives_what_stops_websocket(
    polling: int, websocket: int, verdict: Verdict
) -> None:
    assert polling_survives.judge(failing(polling), failing(websocket, "websocket")) is verdict
