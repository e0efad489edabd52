"""Compares the texts that arrived with the texts that were sent."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence

import msgspec

from lab.bilingual import Bilingual


class Delivery(msgspec.Struct, frozen=True):
    """How many texts arrived.

    `aided`: an option that is off by default, or the room's `after` or `key`, helped. `refused`:
    texts for which the client raised an error when they were sent.
    """

    transport: str
    how: Bilingual
    aided: bool
    sent: int
    missed: int
    doubled: int
    in_order: bool
    refused: int = 0

    @property
    def exactly_once(self) -> bool:
        """Whether each text arrived exactly once."""
        return not (self.missed or self.doubled)


def compare(
    transport: str,
    how: Bilingual,
    aided: bool,
    sent: Sequence[str],
    heard: Iterable[str],
    refused: int = 0,
) -> Delivery:
    """Compare the received texts with the sent ones."""
    came = Counter(heard)
    missed = sum(text not in came for text in sent)
    doubled = sum(times - 1 for times in came.values())
    in_order = list(came) == [text for text in sent if text in came]
    return Delivery(transport, how, aided, len(sent), missed, doubled, in_order, refused)
