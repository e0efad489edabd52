"""Adds a slowdown of known size to `lab serve`, to see whether `lab bench` finds it."""

from __future__ import annotations

import time

from lab.contract import Chat
from lab.service.passing import DeliveringChat


def burn(ns: int) -> None:
    """Use at least this much CPU time of this thread."""
    end_ns = time.thread_time_ns() + ns
    while time.thread_time_ns() < end_ns:
        pass


class SlowedChat(DeliveringChat):
    """A `Chat` that spends `ns_per_delivery` more server CPU on every delivery."""

    def __init__(self, chat: Chat, ns_per_delivery: int) -> None:
        super().__init__(chat)
        self._ns_per_delivery = ns_per_delivery

    def delivered(self, count: int) -> None:
        """See `DeliveringChat`."""
        burn(self._ns_per_delivery * count)
