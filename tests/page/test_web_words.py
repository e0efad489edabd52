"""What the server says to people, in its own words: the page has them in Korean too."""

from __future__ import annotations

from pathlib import Path

import pytest

from lab.page import wires

KOREAN = Path(__file__).parents[2] / "web" / "src" / "chat" / "reasons.ts"


@pytest.mark.parametrize(
    "reason", [wires.OWN_ROOM, wires.NO_ROOM, wires.NO_CLIENT, wires.NOT_OFFERED]
)
def test_why_a_wire_cannot_be_joined_is_known_in_korean(reason: str) -> None:
    assert f'  "{reason}":' in KOREAN.read_text(encoding="utf-8")
