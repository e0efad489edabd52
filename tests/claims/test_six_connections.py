"""The claim `six-connections`: which counts decide it, and how streams are counted."""

from __future__ import annotations

import pytest

from lab.claims._support.claim import Verdict
from lab.claims.six_connections import (
    HTTP_1,
    HTTP_2,
    LIMIT,
    STREAMS,
    Streams,
    count,
    describe,
    judge,
)
from lab.interop.chromium import chromium, chromium_unavailable
from lab.tls.authority import certified, key_pin
from tests.interop.conftest import needs

LIMITED = Streams(HTTP_1, 7, 6, 6, 7)
LIFTED = Streams(HTTP_2, 7, 7, 1, 7)


@pytest.mark.parametrize(
    ("first", "second", "verdict"),
    [
        (LIMITED, LIFTED, Verdict.HOLDS),
        (Streams(HTTP_1, 7, 7, 7, 7), LIFTED, Verdict.DOES_NOT_HOLD),
        (Streams(HTTP_1, 7, 5, 5, 6), LIFTED, Verdict.DOES_NOT_HOLD),
        (Streams(HTTP_1, 7, 6, 6, 6), LIFTED, Verdict.DOES_NOT_HOLD),
        (LIMITED, Streams(HTTP_2, 7, 6, 1, 7), Verdict.DOES_NOT_HOLD),
    ],
    ids=["as claimed", "no limit", "another limit", "the next stays closed", "HTTP/2 limits too"],
)
def test_the_verdict_follows_from_the_counts(
    first: Streams, second: Streams, verdict: Verdict
) -> None:
    assert judge([first, second]) is verdict


def test_what_waits_is_said() -> None:
    assert "6 of 7 streams open" in describe(LIMITED).english
    assert "Waiting: 1." in describe(LIMITED).english
    assert "all 7 streams open" in describe(LIFTED).english


async def test_streams_are_counted_in_a_browser() -> None:
    needs(chromium_unavailable())
    with certified() as made:
        pinned = f"--ignore-certificate-errors-spki-list={key_pin(made.server.certificate)}"
        async with chromium(pinned) as browser:
            first = await count(browser, HTTP_1, made.server)
            second = await count(browser, HTTP_2, made.server)
    assert first == Streams(HTTP_1, STREAMS, LIMIT, LIMIT, LIMIT + 1)
    assert second.all_open
    assert second.connections < LIMIT
    assert judge([first, second]) is Verdict.HOLDS
