"""Measures the CPU time of compression, in interleaved passes."""

from __future__ import annotations

import random
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from lab.measure.stats import interval
from lab.weigh.compression import Compression, Filter
from lab.weigh.model import Settings, Way, Weighed, ways, weigh


@dataclass(slots=True)
class _Timed:
    """A way that compresses, and its times: µs per message, one a pass."""

    compression: Compression
    payloads: Sequence[bytes]
    compress_us: list[float] = field(default_factory=list)
    decompress_us: list[float] = field(default_factory=list)

    def once(self) -> None:
        """One pass: a new connection that carries every message."""
        us, sent = _timed(self.compression.compressor(), self.payloads)
        self.compress_us.append(us)
        us, _ = _timed(self.compression.decompressor(), sent)
        self.decompress_us.append(us)


def measure(messages: Sequence[Any], settings: Settings, passes: int, seed: int) -> list[Weighed]:
    """Weigh the messages on every way.

    Each pass measures every way once, in an order that is shuffled by the seed. One more pass
    before them does not count.
    """
    payloads: dict[tuple[str, str], list[bytes]] = {}
    found = {}
    for way in ways(settings):
        key = (way.codec, way.carrier.name)
        if key not in payloads:
            payloads[key] = way.payloads(messages)
        found[way] = payloads[key]
    timed = {way: _Timed(way.compression, found[way]) for way in found if way.compression}
    rng = random.Random(seed)
    for _ in range(passes + 1):
        order = list(timed.values())
        rng.shuffle(order)
        for each in order:
            each.once()
    return [_weighed(way, found[way], timed.get(way)) for way in found]


def _weighed(way: Way, payloads: Sequence[bytes], timed: _Timed | None) -> Weighed:
    weight = weigh(way, payloads)
    if timed is None:
        return Weighed(way, weight, None, None)
    return Weighed(way, weight, interval(timed.compress_us[1:]), interval(timed.decompress_us[1:]))


def _timed(apply: Filter, payloads: Sequence[bytes]) -> tuple[float, list[bytes]]:
    """CPU µs of this thread per payload, and what came out."""
    begun = time.thread_time_ns()
    made = [apply(payload) for payload in payloads]
    return (time.thread_time_ns() - begun) / len(payloads) / 1000, made
