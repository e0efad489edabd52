"""What the lesson about lost packets says, and where it can't open a link."""

from __future__ import annotations

import asyncio

import pytest

from lab.notebook.lessons import lost_packet
from lab.notebook.lessons.lost_packet import REPLY, UP, Loss, Losses


def test_where_no_link_can_be_opened_it_says_so_and_measures_nothing(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(lost_packet, "unavailable", lambda: None)
    monkeypatch.setattr(lost_packet, "is_able", lambda: False)
    found = asyncio.run(lost_packet.lose(["websocket"], 1))
    assert found == Losses((), lost_packet.UNABLE)
    assert lost_packet.UNABLE in found.shown().markdown
    assert lost_packet.UNABLE in found.shown().korean
    assert found.this_ms("websocket", UP) is None
    monkeypatch.setattr(lost_packet, "unavailable", lambda: "there is no /dev/net/tun")
    assert asyncio.run(lost_packet.lose(["sse"], 1)).reason == "there is no /dev/net/tun"


def test_each_loss_is_a_row_with_both_times() -> None:
    found = Losses((Loss("websocket", UP, 248.4, 21), Loss("websocket", REPLY, 54, 21)))
    assert "| `websocket` | the text | 248 | 21 |" in found.shown().markdown
    assert "| `websocket` | 글 | 248 | 21 |" in found.shown().korean
    assert found.this_ms("websocket", REPLY) == 54
