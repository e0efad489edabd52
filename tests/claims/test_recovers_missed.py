"""What makes the claim about missed messages hold, and what Socket.IO recovers."""

from __future__ import annotations

import pytest

from lab.claims import recovers_missed
from lab.claims._support.claim import NotTestable, Verdict
from lab.claims._support.deliveries import Delivery, compare
from lab.claims.recovers_missed import CASES, FEW, in_short, judge, recovered, resumed
from lab.cluster.cluster import Plan
from lab.cluster.programs import ClusterError, missing
from lab.interop.node import node_unavailable
from tests.interop.conftest import needs

SENT = ["one", "two"]
ALL, NONE = SENT, list[str]()


def delivery(heard: list[str], case: str = "memory, cut") -> Delivery:
    return compare(*CASES[case], SENT, heard)


@pytest.mark.parametrize(
    ("heard", "verdict"),
    [
        ([ALL, ALL], Verdict.HOLDS),
        ([ALL, NONE], Verdict.DEPENDS),
        ([ALL, SENT[1:]], Verdict.DEPENDS),
        ([NONE, SENT[1:]], Verdict.DOES_NOT_HOLD),
    ],
    ids=["all", "in one case", "one text", "in no case"],
)
def test_texts_are_recovered_where_none_is_missed(heard: list[list[str]], verdict: Verdict) -> None:
    assert judge(map(delivery, heard)) is verdict


def test_the_short_evidence_keeps_the_default_apart_from_recovery_and_the_room() -> None:
    library = [delivery(NONE, "off, cut"), delivery(ALL), delivery(NONE, "pubsub, cut")]
    short = in_short(library, [delivery(ALL), delivery(SENT[1:])]).english
    assert short.startswith("By default 2 of 2 texts were missed")
    assert "missed in 1 of 2 cases" in short
    assert short.endswith("1 of 4.")


async def test_it_is_said_what_has_to_be_installed(monkeypatch: pytest.MonkeyPatch) -> None:
    def lacking(_: Plan) -> None:
        raise ClusterError("redis-server is not installed: apt install redis-server")

    monkeypatch.setattr(recovers_missed, "check", lacking)
    with pytest.raises(NotTestable, match="apt install redis-server"):
        await recovers_missed.test()


async def test_what_socketio_recovers() -> None:
    needs(node_unavailable())
    needs(missing("redis-server"))
    found = {(it.transport, it.how): it.missed for it in await recovered()}
    missed = dict.fromkeys(CASES, FEW) | {"memory, cut": 0, "streams, moved": 0}
    assert found == {CASES[case][:2]: count for case, count in missed.items()}


async def test_the_labs_room_recovers_at_another_server() -> None:
    needs(missing("redis-server"))
    for it in await resumed("websocket"):
        assert (it.sent, it.missed, it.doubled, it.in_order) == (FEW, 0, 0, True)
