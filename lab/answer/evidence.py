"""Finds a number for a transport: in the user's run if that has it, else in the reference.

`lab choose` and `lab cost` take every measured number from here, with the run that it comes from.
"""

from __future__ import annotations

__pure__ = True

from collections.abc import Iterator

import msgspec

from lab.answer.blocks import BLOCKS, DEFAULT, OVER_WEBSOCKET, PYTHON
from lab.answer.measurements import Measurements, Value
from lab.answer.span import Span


class Quantity(msgspec.Struct, frozen=True):
    """What is looked up. `figures`: keys in `lab.measure.figures`, the preferred one first.

    `experiment` measures it. `handshake`: it depends on the client, and Socket.IO's default has its
    own on each server. Any other quantity of the default is that of Socket.IO over WebSocket, which
    it is after the upgrade. `wire`: it is the same for all servers that speak the same protocol.
    """

    title: str
    unit: str
    figures: tuple[str, ...]
    experiment: str
    handshake: bool = False
    wire: bool = False


ROUND_TRIPS = Quantity(
    "round trips until a client can send",
    "RTT",
    ("round_trips_new_connect", "slope_new_connect"),
    "round_trips",
    handshake=True,
    wire=True,
)
CONNECT = Quantity(
    "time to connect without network delay", "ms", ("connect_p50_ms",), "handshake", handshake=True
)
ROOMS = (10, 100, 1000)
"""The sizes of room in which the CPU time of a delivery is measured."""
CPU = {
    10: Quantity("server CPU per delivery, room of 10", "µs", ("one_cpu_us_10",), "fan_out"),
    100: Quantity(
        "server CPU per delivery, room of 100",
        "µs",
        ("one_cpu_us_100", "apart_whole_us_1"),
        "fan_out",
    ),
    1000: Quantity("server CPU per delivery, room of 1000", "µs", ("one_cpu_us_1000",), "fan_out"),
}
"""Room size -> CPU time of a delivery, with one message in flight: each is written by itself."""
DELIVERY_BYTES = Quantity("bytes of a delivery", "B", ("delivery_bytes",), "bytes", wire=True)
MESSAGE_BYTES = Quantity(
    "bytes of a message and its reply", "B", ("message_bytes",), "bytes", wire=True
)
HEARTBEAT_BYTES = Quantity(
    "bytes of an idle minute", "B", ("heartbeat_bytes_per_minute",), "bytes", wire=True
)
MEMORY = Quantity(
    "server memory per connection", "KiB", ("memory_joined_kib", "memory_connected_kib"), "memory"
)
IDLE_CPU = Quantity(
    "server CPU of 1000 idle connections in a minute", "ms", ("idle_cpu_ms_per_minute",), "idle"
)
QUANTITIES = (
    ROUND_TRIPS,
    CONNECT,
    *CPU.values(),
    DELIVERY_BYTES,
    MESSAGE_BYTES,
    HEARTBEAT_BYTES,
    MEMORY,
    IDLE_CPU,
)


class Number(msgspec.Struct, frozen=True):
    """A measured number, in the quantity's unit.

    `transport`: the one that was measured; see `Quantity` for why it may be another than requested.
    `client`: where the client ran. `own`: it comes from the user's run, not from the reference.
    """

    quantity: Quantity
    span: Span
    transport: str
    client: str
    run: str
    passes: int
    own: bool

    @property
    def median(self) -> float:
        """The median over passes."""
        return self.span.median

    @property
    def source(self) -> str:
        """The run, and whose it is."""
        return f"{'your run' if self.own else 'reference run'} {self.run}"


class Evidence(msgspec.Struct, frozen=True):
    """The user's run, if there is one, and the packaged reference, the preferred run first."""

    own: tuple[Measurements, ...]
    reference: tuple[Measurements, ...]

    def find(self, quantity: Quantity, transport: str, client: str = PYTHON) -> Number | None:
        """The number for this transport with this client; None if nothing has measured it."""
        names = _measured_as(transport, quantity)
        found = (self._find(quantity, name, client) for name in names)
        return next((one for one in found if one is not None), None)

    def ratio(self, quantity: Quantity, transport: str, baseline: str) -> Span | None:
        """The transport's number as a multiple of the other's, paired within one run."""
        names = dict.fromkeys(_measured_as(transport, quantity))
        found = (
            run.ratio(figure, name, baseline)
            for run in (*self.own, *self.reference)
            for figure in quantity.figures
            for name in names
        )
        one = next((each for each in found if each is not None and each.low is not None), None)
        return Span(one.ratio, one.low, one.high) if one else None

    def cpu(self, transport: str, room: int) -> Number | None:
        """The CPU time of a delivery in the measured room whose size is nearest to this one."""
        by_distance = sorted(ROOMS, key=lambda size: max(size, room) / min(size, room))
        found = (self.find(CPU[size], transport) for size in by_distance)
        return next((number for number in found if number is not None), None)

    def _find(self, quantity: Quantity, transport: str, client: str) -> Number | None:
        return _preferred(self.own, True, quantity, transport, client) or _preferred(
            self.reference, False, quantity, transport, client
        )


def _preferred(
    runs: tuple[Measurements, ...], own: bool, quantity: Quantity, transport: str, client: str
) -> Number | None:
    """The first value that has an interval, else the first value."""
    found = [
        (run, value)
        for figure in quantity.figures
        for run in runs
        if run.client == client and (value := run.value(figure, transport)) is not None
    ]
    if not found:
        return None
    run, value = next((pair for pair in found if pair[1].low is not None), found[0])
    return Number(quantity, _span(value), transport, client, run.run, value.passes, own)


def _span(value: Value) -> Span:
    return Span(value.median, value.low, value.high)


def _measured_as(transport: str, quantity: Quantity) -> Iterator[str]:
    """The transport, then those whose measurement holds for it too."""
    yield transport
    block = next((one for one in BLOCKS if transport in one.transports.values()), None)
    if block is None:
        return
    variant = next(key for key, name in block.transports.items() if name == transport)
    variants, blocks = [variant], [block]
    if variant == DEFAULT and not quantity.handshake:
        variants.append(OVER_WEBSOCKET)
    if quantity.wire and not (variant == DEFAULT and quantity.handshake):
        blocks += reversed(BLOCKS)
    yield from (each.transports[one] for each in blocks for one in variants)
