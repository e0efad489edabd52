"""The claim about many transports: which answers make it hold, and one room on several
transports.
"""

from __future__ import annotations

import pytest

from lab.claims._support.claim import Verdict
from lab.claims.many_transports import CLAIMED, OLD_NAMES, Offer, judge, offers_of, one_room
from lab.measure.server import ServerProcess


def offers(*opened: str) -> list[Offer]:
    return [
        Offer("server", name, 200 if name in opened else 400, name in opened) for name in CLAIMED
    ]


@pytest.mark.parametrize(
    ("opened", "verdict"),
    [
        (tuple(CLAIMED), Verdict.HOLDS),
        (("WebSocket", "AJAX long polling"), Verdict.DEPENDS),
        (("WebSocket",), Verdict.DOES_NOT_HOLD),
        ((), Verdict.DOES_NOT_HOLD),
    ],
)
def test_the_verdict_follows_from_the_answers(opened: tuple[str, ...], verdict: Verdict) -> None:
    assert judge(offers(*opened)) is verdict


def test_the_transports_of_all_servers_count_together() -> None:
    half = len(CLAIMED) // 2
    assert judge([*offers(*list(CLAIMED)[:half]), *offers(*list(CLAIMED)[half:])]) is Verdict.HOLDS


def test_names_that_the_documents_do_not_use_do_not_count() -> None:
    assert judge([*offers("WebSocket"), Offer("server", OLD_NAMES[0], 200, True)]) is (
        Verdict.DOES_NOT_HOLD
    )


async def test_a_server_that_only_polls_accepts_only_polling() -> None:
    with ServerProcess("socketio-polling") as server:
        found = await offers_of("socketio-polling", server.url)
    opened = {one.transport for one in found if one.opened}
    assert opened == {"AJAX long polling", "JSONP polling"}
    assert {one.status for one in found if not one.opened} == {400}


async def test_transports_that_are_served_together_carry_one_room() -> None:
    names = ["websocket", "socketio-polling"]
    assert await one_room(names) == names
