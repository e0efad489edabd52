"""The ways to carry messages, and the bytes of each."""

from __future__ import annotations

__pure__ = True

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import product
from statistics import fmean
from typing import Any

from lab.measure.stats import Interval
from lab.weigh.compression import GZIP_WINDOW, Compression
from lab.weigh.framing import CARRIERS, CODECS, Carrier


@dataclass(frozen=True, slots=True)
class Settings:
    """What zlib is given; each list has at least one value."""

    windows: tuple[int, ...] = (15,)
    levels: tuple[int, ...] = (6,)
    mem_level: int = 8


@dataclass(frozen=True, slots=True)
class Way:
    """A codec, a transport, and how the transport compresses (None: not)."""

    codec: str
    carrier: Carrier
    compression: Compression | None

    def payloads(self, messages: Sequence[Any]) -> list[bytes]:
        """Each message as the transport writes it, before compression."""
        write = self.carrier.packets[self.codec]
        return [write(message) for message in messages]

    def compressed(self, payloads: Sequence[bytes]) -> list[bytes]:
        """The payloads of one connection as they are sent."""
        if self.compression is None:
            return list(payloads)
        compress = self.compression.compressor()
        return [compress(payload) for payload in payloads]


@dataclass(frozen=True, slots=True)
class Weight:
    """Mean bytes of a message. `plain_bytes` is the total without compression."""

    payload_bytes: float
    framing_bytes: float
    plain_bytes: float

    @property
    def total_bytes(self) -> float:
        """What leaves the server for one message."""
        return self.payload_bytes + self.framing_bytes

    @property
    def saved(self) -> float:
        """The share of the bytes that compression saves; below 0 where it adds some."""
        return 1 - self.total_bytes / self.plain_bytes


@dataclass(frozen=True, slots=True)
class Weighed:
    """A way with its bytes, and CPU µs per message; None where nothing is compressed."""

    way: Way
    weight: Weight
    compress_us: Interval | None
    decompress_us: Interval | None


def ways(settings: Settings) -> Iterator[Way]:
    """Every way, by codec and transport; without compression first."""
    for codec, carrier in product(CODECS, CARRIERS):
        yield Way(codec, carrier, None)
        for compression in _compressions(carrier, settings):
            yield Way(codec, carrier, compression)


def _compressions(carrier: Carrier, settings: Settings) -> Iterator[Compression]:
    kept = (True, False) if carrier.compression == "deflate" else (carrier.streamed,)
    windows = settings.windows if carrier.compression == "deflate" else (GZIP_WINDOW,)
    for window, level, keep in product(windows, settings.levels, kept):
        yield Compression(carrier.compression, keep, window, level, settings.mem_level)


def weigh(way: Way, payloads: Sequence[bytes]) -> Weight:
    """The mean bytes of these payloads, compressed on one connection."""
    sent = way.compressed(payloads)
    more = way.carrier.compressed_head_bytes if way.compression else 0
    return Weight(
        payload_bytes=fmean(map(len, sent)),
        framing_bytes=_framing(way.carrier, sent) + more,
        plain_bytes=fmean(map(len, payloads)) + _framing(way.carrier, payloads),
    )


def _framing(carrier: Carrier, payloads: Sequence[bytes]) -> float:
    return fmean(carrier.head_bytes(len(each)) for each in payloads)
