"""Types of the details that counted experiments keep for the pictures.

They are the types of the record. `lab.ledger` has its own, which the report does not import: the
report also reads runs that an older ledger has written.
"""

from __future__ import annotations

from typing import TypeVar

import msgspec

from lab.measure.slope import Slope
from lab.record import RecordError, Run


class Layers(msgspec.Struct, frozen=True):
    """Bytes by layer. A share or a mean need not be a whole number."""

    http: float = 0
    framing: float = 0
    payload: float = 0
    undecodable: float = 0
    tls: float = 0

    @property
    def total(self) -> float:
        """The sum of all layers."""
        return self.http + self.framing + self.payload + self.undecodable + self.tls

    def plus(self, other: Layers) -> Layers:
        """Add layer by layer."""
        return Layers(*(a + b for a, b in zip(_values(self), _values(other), strict=True)))


def _values(layers: Layers) -> tuple[float, ...]:
    return msgspec.structs.astuple(layers)


class Cost(msgspec.Struct, frozen=True):
    """Bytes in both directions."""

    up: Layers = Layers()
    down: Layers = Layers()

    def plus(self, other: Cost) -> Cost:
        """Add direction by direction, layer by layer."""
        return Cost(self.up.plus(other.up), self.down.plus(other.down))

    @property
    def total(self) -> float:
        """Both directions, all layers."""
        return self.up.total + self.down.total


class Counted(msgspec.Struct, frozen=True):
    """A handshake, counted from its bytes. Older runs have no purposes of round trips."""

    round_trips: int
    purposes: tuple[str, ...] = ()
    cost: Cost = Cost()


class TwiceCounted(msgspec.Struct, frozen=True):
    """The detail of `round_trips`: times by emulated RTT in ns, their slope, and the ledger.

    `counted`: the round trips of every captured handshake. Runs of one capture may have none.
    """

    samples_ns: dict[int, list[int]]
    slope: Slope
    ledger: Counted
    counted: tuple[int, ...] = ()

    @property
    def spread(self) -> str:
        """The round trips from the bytes: one number, or the fewest and the most."""
        found = self.counted or (self.ledger.round_trips,)
        fewest, most = min(found), max(found)
        return str(most) if fewest == most else f"{fewest} to {most}"


class Visit(msgspec.Struct, frozen=True):
    """The detail of `bytes`: the ledger of one session. None: it did not happen."""

    connect: Counted | None = None
    joined: Counted | None = None
    message: Cost | None = None
    delivery: Cost | None = None


T = TypeVar("T", bound=msgspec.Struct)


def details(run: Run, experiment: str, measure: str, kind: type[T]) -> dict[str, T]:
    """Transport -> the detail of its last valid pass in which nothing was lost.

    The order is the run's. Raises RecordError if a detail does not have the documented shape.
    """
    infos = [b.extra_info for each in run.passes.values() for b in each.benchmarks]
    found = {
        one.transport: one.detail
        for one in infos
        if (one.experiment, one.measure) == (experiment, measure) and one.detail and one.valid
    }
    try:
        return {
            w: msgspec.convert(found[w], kind, strict=False) for w in run.transports if w in found
        }
    except msgspec.ValidationError as error:
        where = f"{run.folder}: detail of {experiment}, {measure}"
        raise RecordError(f"{where}: damaged: {error}") from error
