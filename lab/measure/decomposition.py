"""Divides a server's cost per delivery into network, chat, protocol and library.

Three costs of servers and the cost of a room are measured under the same work, and subtracted:

    network  = floor                       a server that only writes the same texts to the kernel
    chat     = chat                        the room and its encoding, without any socket
    protocol = tuned - floor - chat        the same protocol without a library
    library  = whole - tuned               what is left of the transport's own server

The parts always add up to the whole. A difference may be negative: then the limit cost more than
the server that it should be a part of. The value stays negative, because clipping would hide the
difference in another part. docs/method.md says what each part assumes.
"""

from __future__ import annotations

__pure__ = True

from collections.abc import Sequence

import msgspec

from lab.measure import stats
from lab.measure.stats import Interval


class Measured(msgspec.Struct, frozen=True, kw_only=True):
    """Server CPU per delivery in ns, under the same work and in the same pass.

    `whole`: the transport's own server. `tuned`: the transport of the same protocol without a
    library; the transport itself if it has none. `limit`: a server that only writes. `chat`: the
    room alone.
    """

    whole: float
    tuned: float
    limit: float = msgspec.field(name="floor")
    chat: float


class Parts(msgspec.Struct, frozen=True, kw_only=True):
    """The parts of a cost, in ns per delivery. Each may be negative."""

    network: float
    chat: float
    protocol: float
    library: float

    @property
    def total(self) -> float:
        """The sum of the parts."""
        return self.network + self.chat + self.protocol + self.library

    def minus(self, other: Parts) -> Parts:
        """Add part by part."""
        ours, theirs = msgspec.structs.astuple(self), msgspec.structs.astuple(other)
        return _parts([a - b for a, b in zip(ours, theirs, strict=True)])


NAMES = Parts.__struct_fields__
"""The parts, in the order in which they are stacked."""


class Gap(msgspec.Struct, frozen=True, kw_only=True):
    """How much two transports differ, and which part causes it; over passes, paired.

    `distance` is in ns per delivery. `protocol` and `library` are shares of the sum of both: they
    add up to 1, and if one is negative the other is above 1.
    """

    distance: Interval
    protocol: Interval
    library: Interval


def take_apart(measured: Measured) -> Parts:
    """Divide one transport's cost in one pass."""
    return Parts(
        network=measured.limit,
        chat=measured.chat,
        protocol=measured.tuned - measured.limit - measured.chat,
        library=measured.whole - measured.tuned,
    )


def mean(passes: Sequence[Parts]) -> Parts:
    """The mean of each part. Means of parts add up to the mean of the whole; medians do not.

    Raises ValueError for no passes.
    """
    if not passes:
        raise ValueError("no passes")
    columns = zip(*map(msgspec.structs.astuple, passes), strict=True)
    return _parts([sum(column) / len(passes) for column in columns])


def gap(dearer: Sequence[Parts], cheaper: Sequence[Parts], *, seed: int = 0) -> Gap | None:
    """Divide the distance between two transports. `dearer[i]` pairs with `cheaper[i]`.

    Shares are computed per pass, so a disturbance of a whole pass cancels out. None if there is
    nothing to divide: in some pass the dearer transport was not dearer by protocol and library.
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
