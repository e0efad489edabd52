"""Which replies make the claim `address-change` hold."""

from __future__ import annotations

import pytest

from lab.claims._support.claim import Verdict
from lab.claims.address_change import Found, Replies, judge

ENDED = Replies(before=40, after=None, again=41)
LIVES = Replies(before=40, after=120, again=41)
DEAD = Replies(before=40, after=None, again=None)


@pytest.mark.parametrize(
    ("found", "verdict"),
    [
        (Found(websocket=ENDED, quic=LIVES), Verdict.HOLDS),
        (Found(websocket=ENDED, quic=ENDED), Verdict.DEPENDS),
        (Found(websocket=LIVES, quic=LIVES), Verdict.DEPENDS),
        (Found(websocket=LIVES, quic=ENDED), Verdict.DOES_NOT_HOLD),
        (Found(websocket=DEAD, quic=LIVES), Verdict.CANT_TELL),
        (Found(websocket=ENDED, quic=DEAD), Verdict.CANT_TELL),
    ],
    ids=["as claimed", "both end", "both live", "the reverse", "no server", "no QUIC server"],
)
def test_the_verdict_follows_from_the_replies(found: Found, verdict: Verdict) -> None:
    assert judge(found) is verdict
