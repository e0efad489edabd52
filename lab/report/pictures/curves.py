"""Draws percentile curves on HDR's axis, which gives space to the tail."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.ticker import FixedLocator, NullLocator

from lab.report.pictures import style
from lab.report.pictures.style import Floats, Look


def inches(count: int) -> float:
    """The height of a picture with this many curves, so that their names fit."""
    return max(4.6, 0.95 + 0.225 * count)


def draw(ax: Axes, curves: Mapping[str, tuple[Floats, Floats]], looks: Mapping[str, Look]) -> None:
    """Draw a curve per transport: `(nines, µs)`, both ascending and not empty."""
    ends = [(float(us[-1]), transport) for transport, (_, us) in curves.items()]
    most = max((float(places[-1]) for places, _ in curves.values()), default=10.0)
    for transport, (places, us) in curves.items():
        _curve(ax, places, us, looks[transport])
    _axes(ax, most)
    _label_ends(ax, ends, looks)


def nines(percentile: Floats, count: int) -> Floats:
    """The positions of percentiles on HDR's axis: 1 / (1 - q).

    100 % would be at infinity. It is placed where one sample out of all of them is.
    """
    return np.asarray(1 / np.maximum(1 - percentile / 100, 1 / count), np.float64)


def _curve(ax: Axes, places: Floats, us: Floats, look: Look) -> None:
    ax.plot(places, us, look.line, color=look.colour, lw=1.8, drawstyle="steps-post")
    marks = [place for place in (2, 10, 100, 1000) if place <= places[-1]]
    at = [min(int(np.searchsorted(places, place)), len(us) - 1) for place in marks]
    ax.plot(marks, us[at], look.marker, color=look.colour, ms=6.5, mec=style.PAPER, mew=0.7)


def _axes(ax: Axes, most: float) -> None:
    ticks = [(1, "0 %"), (2, "50 %"), (10, "90 %"), (100, "99 %"), (1e3, "99.9 %")]
    ticks += [(1e4, "99.99 %"), (1e5, "99.999 %"), (1e6, "99.9999 %")]
    shown = [tick for tick in ticks if tick[0] <= most]
    ax.set_xscale("log")
    ax.set_yscale("log")
    ax.set_xlim(1, most * 1.02)
    ax.xaxis.set_major_locator(FixedLocator([place for place, _ in shown]))
    ax.set_xticklabels([name for _, name in shown])
    ax.xaxis.set_minor_locator(NullLocator())
    ax.yaxis.set_major_formatter(style.PLAIN)
    ax.set_xlabel("share of round trips that took at most this long")
    ax.set_ylabel("RTT in µs")
    ax.grid()


def _label_ends(ax: Axes, ends: Sequence[tuple[float, str]], looks: Mapping[str, Look]) -> None:
    """Label each curve at its right end, without overlaps."""
    low, high = np.log10(ax.get_ylim())
    ends = sorted(ends)
    gap = min(0.06, 1 / max(len(ends), 1))
    heights = spaced([float((np.log10(us) - low) / (high - low)) for us, _ in ends], gap)
    for height, (_, transport) in zip(heights, ends, strict=True):
        look = looks[transport]
        key: dict[str, Any] = {"color": look.colour, "ms": 6, "clip_on": False}
        ax.plot(1.012, height, look.marker, transform=ax.transAxes, **key)
        ax.annotate(
            transport,
            (1.012, height),
            (8, 0),
            xycoords="axes fraction",
            annotation_clip=False,
            **style.BESIDE,
        )


def spaced(places: Sequence[float], gap: float) -> list[float]:
    """Move ascending positions as little as possible, to be `gap` apart and within 0 and 1.

    If there are too many, the lowest are below 0.
    """
    clusters: list[list[float]] = []
    for place in places:
        clusters.append([place])
        while len(clusters) > 1 and _start(clusters[-1], gap) < _end(clusters[-2], gap) + gap:
            last = clusters.pop()
            clusters[-1] += last
    apart = [_start(each, gap) + gap * n for each in clusters for n in range(len(each))]
    low = [max(place, gap * n) for n, place in enumerate(apart)]
    return [min(place, 1 - gap * (len(low) - 1 - n)) for n, place in enumerate(low)]


def _start(cluster: Sequence[float], gap: float) -> float:
    return sum(cluster) / len(cluster) - gap * (len(cluster) - 1) / 2


def _end(cluster: Sequence[float], gap: float) -> float:
    return _start(cluster, gap) + gap * (len(cluster) - 1)
