"""What a delivery costs the server, taken apart: between measured costs and their picture. Pure.

Three costs of servers and one of a room are measured under the same work, and subtracted:

    network  = floor                       a server that hands the same texts to the kernel
    chat     = chat                        the room and its encoding, without any socket
    protocol = tuned - floor - chat        the same protocol without a library
    library  = whole - tuned               what is left of the wire's own server

By construction the parts add up to the whole. What is left of a subtraction may be negative, and
stays so: then the yardstick was dearer than what it should have been a part of, and clipping would
hide that in another part. docs/method.md says what each of them assumes.
"""

from __future__ import annotations

from collections.abc import Sequence

import msgspec

from lab.measure import stats
from lab.measure.stats import Interval


class Measured(msgspec.Struct, frozen=True, kw_only=True):
    """Server CPU for each delivery in ns, under the same work and in the same pass.

    `whole`: the wire's own server. `tuned`: the wire of the same protocol without a library (the
    wire itself, where it has none). `floor`: a server that only writes. `chat`: the room alone.
    """

    whole: float
    tuned: float
    floor: float
    chat: float


class Parts(msgspec.Struct, frozen=True, kw_only=True):
    """A cost by whose it is; in ns for each delivery, and any of them may be negative."""

    network: float
    chat: float
    protocol: float
    library: float

    @property
    def total(self) -> float:
        """All of it."""
        return self.network + self.chat + self.protocol + self.library

    def minus(self, other: Parts) -> Parts:
        """Part by part."""
        ours, theirs = msgspec.structs.astuple(self), msgspec.structs.astuple(other)
        return _parts([a - b for a, b in zip(ours, theirs, strict=True)])


NAMES = Parts.__struct_fields__
"""The parts, in the order in which they stand on each other."""


class Gap(msgspec.Struct, frozen=True, kw_only=True):
    """How far two wires are apart, and whose the distance is; over passes, paired.

    `distance` is in ns for each delivery. `protocol` and `library` are shares of what both make of
    it: they add up to 1, and where one is negative the other is above 1.
    """

    distance: Interval
    protocol: Interval
    library: Interval


def take_apart(measured: Measured) -> Parts:
    """The parts of one wire's cost in one pass."""
    return Parts(
        network=measured.floor,
        chat=measured.chat,
        protocol=measured.tuned - measured.floor - measured.chat,
        library=measured.whole - measured.tuned,
    )


def mean(passes: Sequence[Parts]) -> Parts:
    """Part by part. A mean and no median: the means of parts add up to the mean of the whole.

    Raises ValueError for no passes.
    """
    if not passes:
        raise ValueError("no passes")
    columns = zip(*map(msgspec.structs.astuple, passes), strict=True)
    return _parts([sum(column) / len(passes) for column in columns])


def gap(dearer: Sequence[Parts], cheaper: Sequence[Parts], *, seed: int = 0) -> Gap | None:
    """Whose the distance between two wires is; `dearer[i]` and `cheaper[i]` are of the same pass.

    Shares are taken pass by pass, so that what a whole pass suffered cancels out. None where there
    is nothing to divide: in some pass the dearer wire was not dearer by protocol and library.
    Raises ValueError for unequal or no passes.
    """
    if len(dearer) != len(cheaper):
        raise ValueError(f"passes don't pair: {len(dearer)} against {len(cheaper)}")
    between = [one.minus(other) for one, other in zip(dearer, cheaper, strict=True)]
    whose = [each.protocol + each.library for each in between]
    if min(whose, default=0.0) <= 0:
        return None
    shares = [each.protocol / both for each, both in zip(between, whose, strict=True)]
    return Gap(
        distance=stats.interval([each.total for each in between], seed=seed),
        protocol=stats.interval(shares, seed=seed),
        library=stats.interval([1 - share for share in shares], seed=seed),
    )


def _parts(values: Sequence[float]) -> Parts:
    return Parts(**dict(zip(NAMES, values, strict=True)))
