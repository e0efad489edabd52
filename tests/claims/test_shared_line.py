"""The claim `shared-line`: one shared connection is enough against it."""

from __future__ import annotations

import pytest

from lab.claims._support.claim import Verdict
from lab.claims.shared_line import CLIENTS, HTTP_1, HTTP_2, Lines, count, judge


def test_a_shared_connection_decides() -> None:
    apart, shared = Lines(HTTP_1, 2, 2), Lines(HTTP_2, 2, 1)
    assert judge([apart, shared]) is Verdict.DOES_NOT_HOLD
    assert judge([apart, Lines(HTTP_2, 2, 2)]) is Verdict.HOLDS


@pytest.mark.parametrize(("name", "connections"), [(HTTP_1, CLIENTS), (HTTP_2, 1)])
async def test_connections_are_counted(name: str, connections: int) -> None:
    found, capture = await count(name)
    assert found == Lines(name, CLIENTS, connections)
    assert capture.chunks
