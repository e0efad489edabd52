"""Names the causes that a capture speaks for, the likeliest first, with the evidence."""

from __future__ import annotations

__pure__ = True

from collections.abc import Iterable

import msgspec

from lab.decode.decode import decode
from lab.relay.capture import Captured, Chunk, ConnectionEvent, split
from lab.why.causes import CAUSES, Cause
from lab.why.facts import Facts, read_facts


class Ranked(msgspec.Struct, frozen=True):
    """A cause with the weight of its evidence."""

    cause: str
    weight: int
    evidence: list[str]


def recognise(captured: Iterable[Captured], until_ns: int | None = None) -> list[Ranked]:
    """The causes that a capture speaks for, the likeliest first; of equal ones in their order.

    `until_ns`: when the capture was taken; default: at its last value. An empty list: nothing in it
    says why, or nothing has ended.
    """
    chunks, events = split(captured)
    last_ns = max([each.at_ns for each in chunks] + [each.at_ns for each in events], default=0)
    return rank(facts_of(chunks, events, until_ns or last_ns))


def facts_of(chunks: list[Chunk], events: list[ConnectionEvent], until_ns: int) -> Facts:
    """The facts of a capture. A cut that the relay was asked for is not among them."""
    return read_facts(decode(chunks, events), events, until_ns)


def rank(facts: Facts) -> list[Ranked]:
    """The causes whose first sign is there, by the weight of all their signs."""
    found = [ranked for cause in CAUSES if (ranked := _ranked(cause, facts))]
    return sorted(found, key=lambda each: -each.weight)


def _ranked(cause: Cause, facts: Facts) -> Ranked | None:
    seen = [(weight, sign(facts)) for weight, sign in cause.signs]
    if seen[0][1] is None:
        return None
    evidence = dict.fromkeys(text for _, text in seen if text)
    weight = sum(weight for weight, text in seen if text)
    return Ranked(cause.name, weight, list(evidence))
