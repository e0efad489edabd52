"""Which handshakes make the claim `tls-doubles` hold."""

from __future__ import annotations

import pytest

from lab.claims._support.claim import Verdict
from lab.claims.tls_doubles import OLDER, TRANSPORTS, Handshakes, judge
from transports import registry


def taking(plain: float, tls: float) -> Handshakes:
    return Handshakes("transport", "1.3", plain, tls, 400, 2200)


@pytest.mark.parametrize(
    ("handshakes", "verdict"),
    [
        ([taking(2.1, 4.0)], Verdict.HOLDS),
        ([taking(2.0, 3.1)], Verdict.DOES_NOT_HOLD),
        ([taking(3.0, 4.2), taking(2.2, 4.0)], Verdict.DEPENDS),
        ([taking(4.0, 6.3)], Verdict.DOES_NOT_HOLD),
    ],
)
def test_the_verdict_follows_from_the_round_trips(
    handshakes: list[Handshakes], verdict: Verdict
) -> None:
    assert judge(handshakes) is verdict


def test_the_servers_are_transports_of_the_registry() -> None:
    assert {*TRANSPORTS, OLDER} <= registry.TRANSPORTS.keys()
