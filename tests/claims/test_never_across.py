"""The claim `never-across`: the verdict follows from what the clients did."""

from __future__ import annotations

import pytest

from lab.claims._support.claim import Verdict
from lab.claims.never_across import describe, judge
from lab.interop.outcome import Report
from tests.interop.sample import CHATS, MUTE, REFUSED, SILENT, cell

OUTSIDE = [cell(REFUSED), cell(SILENT)]


@pytest.mark.parametrize("inside", [CHATS, MUTE])
def test_one_client_that_connects_decides_for_its_direction(inside: Report) -> None:
    crossing = [*OUTSIDE, cell(inside)]
    assert judge(OUTSIDE, OUTSIDE) is Verdict.HOLDS
    assert judge(crossing, OUTSIDE) is Verdict.DEPENDS
    assert judge(OUTSIDE, crossing) is Verdict.DEPENDS
    assert judge(crossing, crossing) is Verdict.DOES_NOT_HOLD


def test_clients_with_the_same_result_share_a_description() -> None:
    cells = [
        cell(REFUSED, (404,)),
        cell(Report(ended_ms=97), (404,), client="other"),
        cell(REFUSED, transport="socketio"),
        cell(SILENT, (101,), client="third"),
        cell(MUTE, (101,), client="fourth"),
        cell(CHATS, (101,), client="fifth"),
    ]
    assert describe(cells).english == (
        "ws, other at websocket gave up after 3 to 97 ms (HTTP 404); "
        "ws at socketio gave up after 3 ms (no HTTP answer); "
        "third at websocket had neither a connection nor an error after 5 s (HTTP 101); "
        "fourth at websocket connected after 8 ms, but could not chat; "
        "fifth at websocket connected after 12 ms and chatted"
    )
