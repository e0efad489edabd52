"""The figures of the experiment compression: the cost of a delivery, by kind and size of text."""

from __future__ import annotations

from lab.measure.figures.cost import memory_kib
from lab.measure.figures.counts import Counts
from lab.measure.figures.extract import (
    Extract,
    bytes_at,
    cpu_us_per_delivery,
    load_cpu_us_per_delivery,
    percentile,
)
from lab.measure.figures.figure import Figure

EXPERIMENT = "compression"
TEXTS = ("chat", "presence", "typing", "log", "base64", "random")
"""The kinds of texts, as `lab.weigh.samples` makes them."""
SIZES = (64, 1024, 65536)
"""In bytes. The largest is what a room takes."""
Quantity = tuple[str, str, str, Extract]


def _both_us(counts: Counts) -> float | None:
    """The CPU time of the server and of the clients for each delivery, in µs."""
    server, clients = cpu_us_per_delivery(counts), load_cpu_us_per_delivery(counts)
    return None if server is None or clients is None else server + clients


QUANTITIES: dict[str, Quantity] = {
    "bytes": ("bytes", "bytes per delivery", "B", bytes_at("cost")),
    "server": ("texts", "server CPU per delivery", "µs", cpu_us_per_delivery),
    "both": ("texts", "CPU of server and clients per delivery", "µs", _both_us),
    "last": ("texts", "until the last has it, p50", "ms", percentile(50, 1e6)),
}
"""Part of the key -> what is measured, title, unit, and how it follows from the counts."""


def key(quantity: str, kind: str, size_bytes: int) -> str:
    """The key of one of these figures."""
    return f"compression_{quantity}_{kind}_{size_bytes}"


def measure(what: str, kind: str) -> str:
    """The name of what is measured with texts of one kind."""
    return f"{what} {kind}"


def _figure(quantity: str, kind: str, size: int) -> Figure:
    what, title, unit, extract = QUANTITIES[quantity]
    return Figure(
        key(quantity, kind, size),
        f"{title}, {kind}, {size} B",
        unit,
        EXPERIMENT,
        measure(what, kind),
        extract,
        payload_bytes=size,
        counted=True,
        of_client=quantity == "both",
        column=f"{kind}\n{size} B\n{quantity}",
    )


COMPRESSION: tuple[Figure, ...] = (
    *(_figure(quantity, kind, size) for quantity in QUANTITIES for kind in TEXTS for size in SIZES),
    Figure(
        "compression_memory_kib",
        "server memory per connection, in a room of 10",
        "KiB",
        EXPERIMENT,
        "memory",
        memory_kib("joined"),
        counted=True,
        column="memory\n(KiB)",
    ),
)
