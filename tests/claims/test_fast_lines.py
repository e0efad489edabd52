"""The claim about fast lines: how made-up measurements are judged, and how a tape is counted."""

from __future__ import annotations

import pytest
from msgspec.structs import replace

from lab.claims.claim import Verdict
from lab.claims.fast_lines import AS_BEFORE, ONE_RTT, Line, counted, judge
from lab.claims.third_line import Beside
from lab.load.tapped import Tape
from lab.wire.tape import Traffic
from tests.wire.capture import load

BESIDE = Beside(moving=1.0, still=1.1, unread=1.2, answered=False, missed=0)
GOOD = Line("wire", True, 1.0, 1, 1, BESIDE)
POLLING = Line("polling", False, 2.0, 3, 30)


@pytest.mark.parametrize(
    "worse",
    [
        replace(GOOD, reply_rtts=ONE_RTT),
        replace(GOOD, connections=2),
        replace(GOOD, third=None),
        replace(GOOD, third=replace(BESIDE, still=AS_BEFORE)),
        replace(GOOD, third=replace(BESIDE, unread=AS_BEFORE)),
        replace(GOOD, third=replace(BESIDE, answered=True)),
    ],
)
def test_the_verdict_is_that_of_the_lines(worse: Line) -> None:
    assert judge([GOOD, GOOD, POLLING]) is Verdict.HOLDS
    assert judge([GOOD, worse]) is Verdict.DEPENDS
    assert judge([worse]) is Verdict.DOES_NOT_HOLD


def test_polling_alone_says_nothing_for_websocket() -> None:
    assert judge([POLLING]) is Verdict.DOES_NOT_HOLD


def test_a_slowdown_is_told_against_the_lines_when_all_move() -> None:
    assert replace(BESIDE, moving=2.0, still=3.0, unread=5.0).slowdown == 2.5


@pytest.mark.parametrize(
    "capture, connections, requests",
    [("native", 1, 1), ("socketio-websocket", 1, 1), ("socketio", 1, 2)],
)
def test_connections_and_requests_are_counted_off_a_tape(
    capture: str, connections: int, requests: int
) -> None:
    kept = load(capture)
    found = counted(Tape(kept.chunks, kept.events, Traffic()))
    assert (found.connections, found.requests) == (connections, requests)
