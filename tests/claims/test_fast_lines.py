"""The claim `fast-lines`: the verdict on invented measurements, and the count of a capture."""

from __future__ import annotations

import pytest
from msgspec.structs import replace

from lab.claims._support.claim import Verdict
from lab.claims._support.stalled_member import StalledMemberEffect
from lab.claims.fast_lines import AS_BEFORE, ONE_RTT, ClientCost, count_requests, judge
from lab.load.tapped import Capture
from lab.relay.capture import Traffic
from tests.decode.capture import load

STALLED = StalledMemberEffect(moving=1.0, still=1.1, unread=1.2, answered=False, missed=0)
GOOD = ClientCost("transport", True, 1.0, 1, 1, STALLED)
POLLING = ClientCost("polling", False, 2.0, 3, 30)


@pytest.mark.parametrize(
    "worse",
    [
        replace(GOOD, reply_rtts=ONE_RTT),
        replace(GOOD, connections=2),
        replace(GOOD, stalled=None),
        replace(GOOD, stalled=replace(STALLED, still=AS_BEFORE)),
        replace(GOOD, stalled=replace(STALLED, unread=AS_BEFORE)),
        replace(GOOD, stalled=replace(STALLED, answered=True)),
    ],
)
def test_the_verdict_follows_from_the_costs(worse: ClientCost) -> None:
    assert judge([GOOD, GOOD, POLLING]) is Verdict.HOLDS
    assert judge([GOOD, worse]) is Verdict.DEPENDS
    assert judge([worse]) is Verdict.DOES_NOT_HOLD


def test_polling_alone_gives_no_verdict_on_websocket() -> None:
    assert judge([POLLING]) is Verdict.DOES_NOT_HOLD


def test_the_slowdown_is_relative_to_an_undisturbed_connection() -> None:
    assert replace(STALLED, moving=2.0, still=3.0, unread=5.0).slowdown == 2.5


@pytest.mark.parametrize(
    "capture, connections, requests",
    [("native", 1, 1), ("socketio-websocket", 1, 1), ("socketio", 1, 2)],
)
def test_connections_and_requests_are_counted_in_a_capture(
    capture: str, connections: int, requests: int
) -> None:
    kept = load(capture)
    found = count_requests(Capture(kept.chunks, kept.events, Traffic()))
    assert (found.connections, found.requests) == (connections, requests)
