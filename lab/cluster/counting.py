"""Counts what the room gives out at a node whose transport does not count it itself."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Protocol, runtime_checkable

from lab.contract import Chat
from lab.service.passing import DeliveringChat


@runtime_checkable
class BackplaneCounts(Protocol):
    """A chat whose rooms other nodes share."""

    def backplane(self) -> Mapping[str, int]:
        """`reads`, `read_bytes`, `concerned`: see `nodes.Counts`."""


class CountingChat(DeliveringChat):
    """A chat that counts memberships, and deliveries to members."""

    def __init__(self, chat: Chat) -> None:
        super().__init__(chat)
        self.deliveries = 0
        """How many events have gone to a member; one to three members is three."""

    def delivered(self, count: int) -> None:
        """See `DeliveringChat`."""
        self.deliveries += count

    def backplane(self) -> Mapping[str, int]:
        """What came from the journal that joins the nodes; empty without one."""
        return self._chat.backplane() if isinstance(self._chat, BackplaneCounts) else {}
