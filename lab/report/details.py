"""What the counted experiments kept for the pictures, as types: between a run and its drawings."""

from __future__ import annotations

from typing import TypeVar

import msgspec

from lab.measure.slope import Slope
from lab.record import RecordError, Run


class Layers(msgspec.Struct, frozen=True):
    """Bytes by whose they are; a share or a mean need not be whole."""

    http: float = 0
    framing: float = 0
    payload: float = 0
    undecodable: float = 0

    @property
    def total(self) -> float:
        """All of them."""
        return self.http + self.framing + self.payload + self.undecodable

    def plus(self, other: Layers) -> Layers:
        """Layer by layer."""
        return Layers(*(a + b for a, b in zip(_values(self), _values(other), strict=True)))


def _values(layers: Layers) -> tuple[float, ...]:
    return msgspec.structs.astuple(layers)


class Cost(msgspec.Struct, frozen=True):
    """Bytes in both directions."""

    up: Layers = Layers()
    down: Layers = Layers()

    def plus(self, other: Cost) -> Cost:
        """Direction by direction, layer by layer."""
        return Cost(self.up.plus(other.up), self.down.plus(other.down))

    @property
    def total(self) -> float:
        """Both directions, all layers."""
        return self.up.total + self.down.total


class Counted(msgspec.Struct, frozen=True):
    """A handshake from its bytes. Runs older than the purposes of round trips have none."""

    round_trips: int
    purposes: tuple[str, ...] = ()
    cost: Cost = Cost()


class TwiceCounted(msgspec.Struct, frozen=True):
    """The detail of `round_trips`: times by emulated RTT in ns, their slope, and the ledger."""

    samples_ns: dict[int, list[int]]
    slope: Slope
    ledger: Counted


class Visit(msgspec.Struct, frozen=True):
    """The detail of `bytes`: the ledger of one visit. None stands for what did not happen in it."""

    connect: Counted | None = None
    joined: Counted | None = None
    message: Cost | None = None
    delivery: Cost | None = None


T = TypeVar("T", bound=msgspec.Struct)


def details(run: Run, experiment: str, measure: str, kind: type[T]) -> dict[str, T]:
    """Wire -> what its last valid pass kept, in the run's order; one that lost anything has none.

    Raises RecordError where it is not of the shape that the picture needs.
    """
    infos = [b.extra_info for each in run.passes.values() for b in each.benchmarks]
    found = {
        one.wire: one.detail
        for one in infos
        if (one.experiment, one.measure) == (experiment, measure) and one.detail and not one.lost
    }
    try:
        return {w: msgspec.convert(found[w], kind, strict=False) for w in run.wires if w in found}
    except msgspec.ValidationError as error:
        where = f"{run.folder}: detail of {experiment}, {measure}"
        raise RecordError(f"{where}: damaged: {error}") from error
