"""Pictures of cost against the size of rooms and texts, and of memory per connection."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from matplotlib.axes import Axes
from matplotlib.figure import Figure as Canvas
from matplotlib.patches import Patch
from matplotlib.ticker import FixedLocator, NullLocator

from lab.measure.figures.cost import PAYLOADS, ROOMS
from lab.record import Run
from lab.report.model import formatting
from lab.report.model.summary import NO_SOCKET, Summary, summarise
from lab.report.model.titles import client_of
from lab.report.pictures import style
from lab.report.pictures.curves import spaced
from lab.report.pictures.style import FAINT, Look

Points = Mapping[str, Sequence[tuple[float, float]]]
"""Transport -> (size, cost), by size; transports without a number are left out."""

HATCH = "////"
_LABEL = 1.07
"""The position of labels, in widths of the axes."""
GAP = 0.075
"""The space between two labels, in heights of the axes. Less if there are too many."""


@dataclass(frozen=True, slots=True)
class Chart:
    """One panel of curves. `across` and `up` are the labels of its axes, with units."""

    title: str
    across: str
    up: str
    points: Points
    logarithmic: bool = True


def room_size(run: Run) -> Canvas | None:
    """Server CPU per delivery against room size; None if the run has no fan-out."""
    summary = summarise(run)
    one = _points(summary, {room: f"one_cpu_us_{room}" for room in ROOMS})
    many = _points(summary, {room: f"server_cpu_us_per_delivery_{room}" for room in ROOMS})
    if not one:
        return None
    across, up = "members of the room", "server CPU per delivery, µs"
    charts = [
        Chart("One message in flight", across, up, one),
        Chart(f"{_window(run)} messages in flight", across, up, many),
    ]
    client = client_of(run)
    note = f"CPU of the server's own process · {client} client · loopback network · logarithmic"
    title = _told(one, summary, "A delivery to a room of {}")
    return _drawn(run, [chart for chart in charts if chart.points], title, note)


def payload(run: Run) -> Canvas | None:
    """Server CPU and overhead per delivery against the size of the text; None without figures."""
    summary = summarise(run)
    cpu = _points(summary, {size: f"payload_cpu_us_{size}" for size in PAYLOADS})
    transport = _points(summary, {size: f"payload_bytes_{size}" for size in PAYLOADS})
    if not cpu:
        return None
    beside = {name: [(size, total - size) for size, total in at] for name, at in transport.items()}
    across = "size of the text, bytes"
    charts = [
        Chart("CPU", across, "server CPU per delivery, µs", cpu),
        Chart("Bytes besides the text", across, "bytes per delivery", beside, logarithmic=False),
    ]
    note = "room of 10 · CPU: 4 messages in flight · bytes: one in flight, counted apart, untimed"
    title = _told(cpu, summary, "A text of {}")
    return _drawn(run, [chart for chart in charts if chart.points], title, note)


def memory(run: Run) -> Canvas | None:
    """Server memory per idle connection; None if it was not measured."""
    summary = summarise(run)
    kinds = (("memory_connected_kib", "in no room"), ("memory_joined_kib", "in a room of 10"))
    found = {name: summary.medians(key) for key, name in kinds}
    found = {name: values for name, values in found.items() if values}
    transports = [
        transport
        for transport in run.transports
        if any(transport in values for values in found.values())
    ]
    if not transports:
        return None
    looks = style.looks(run.transports, NO_SOCKET)
    with style.applied():
        canvas = style.canvas(1.5 + (0.2 + 0.2 * len(found)) * max(len(transports), 2))
        ax = canvas.subplots()
        _bars(ax, found, transports, looks)
        weights = _against(next(iter(found.values())), summary, "KiB")
        style.frame(canvas, f"An idle connection needs {weights}", _weighed(summary))
    return canvas


def _window(run: Run) -> int:
    return int(run.info.constants.get("window", 16))


def _points(summary: Summary, keys: Mapping[int, str]) -> dict[str, list[tuple[float, float]]]:
    found: dict[str, list[tuple[float, float]]] = {}
    for size, key in keys.items():
        for transport, value in summary.medians(key).items():
            found.setdefault(transport, []).append((float(size), value))
    return found


def _told(points: Points, summary: Summary, what: str) -> str:
    """A sentence about the largest size: the most expensive transport, and the baseline."""
    most = max(size for at in points.values() for size, _ in at)
    at_most = {transport: at[-1][1] for transport, at in points.items() if at[-1][0] == most}
    what = what.format(formatting.number(most) if most < 1024 else f"{most / 1024:.0f} KiB")
    return f"{what}: {_against(at_most, summary, 'µs of CPU')}"


def _against(values: Mapping[str, float], summary: Summary, unit: str) -> str:
    dearest = max(values, key=lambda transport: values[transport])
    said = f"{formatting.number(values[dearest])} {unit} on {dearest}"
    baseline = summary.baseline
    if baseline is not None and baseline in values and baseline != dearest:
        said += f", {formatting.number(values[baseline])} on {baseline}"
    return said


def _weighed(summary: Summary) -> str:
    """A note with the number of connections."""
    counts = summary.medians("memory_connections")
    most = max(counts.values())
    fewer = [f"{transport}: {count:.0f}" for transport, count in counts.items() if count != most]
    note = f"resident memory of a fresh server, before and after {most:.0f} connections"
    note += f" ({'; '.join(fewer)})" if fewer else ""
    return f"{note}\nKernel socket buffers are not part of it · shorter is better"


def _drawn(run: Run, charts: Sequence[Chart], title: str, note: str) -> Canvas:
    looks = style.looks(run.transports, NO_SOCKET)
    with style.applied():
        most = max(len(chart.points) for chart in charts)
        canvas = style.canvas(max(4.3, 1.45 + 0.22 * most))
        for ax, chart in zip(
            canvas.subplots(1, len(charts), squeeze=False)[0], charts, strict=True
        ):
            _chart(ax, chart, looks)
        style.frame(canvas, title, note)
    return canvas


def _chart(ax: Axes, chart: Chart, looks: Mapping[str, Look]) -> None:
    for transport, at in chart.points.items():
        look = looks[transport]
        line: dict[str, Any] = {"color": look.colour, "lw": 1.7, "ms": 6, "clip_on": False}
        ax.plot(*zip(*at, strict=True), look.line, marker=look.marker, **line)
    _scales(ax, chart)
    ax.set_title(chart.title)
    ax.set_xlabel(chart.across)
    ax.set_ylabel(chart.up)
    ax.grid()
    _label(ax, chart, looks)


def _scales(ax: Axes, chart: Chart) -> None:
    """Logarithmic scale for sizes, and for costs if the chart says so."""
    sizes = sorted({size for at in chart.points.values() for size, _ in at})
    ax.set_xscale("log")
    ax.set_xlim(sizes[0] / 1.25, sizes[-1] * 1.25)
    ax.xaxis.set_major_locator(FixedLocator(sizes))
    ax.xaxis.set_minor_locator(NullLocator())
    ax.xaxis.set_major_formatter(style.PLAIN)
    costs = [cost for at in chart.points.values() for _, cost in at]
    if chart.logarithmic:
        ax.set_yscale("log")
        ax.set_ylim(min(costs) / 1.3, max(costs) * 1.3)
        ax.yaxis.set_major_locator(FixedLocator(_round_numbers(min(costs), max(costs))))
        ax.yaxis.set_minor_locator(NullLocator())
    else:
        ax.set_ylim(0, max(costs) * 1.15)
    ax.yaxis.set_major_formatter(style.PLAIN)


def _round_numbers(low: float, high: float) -> list[float]:
    """1, 2 and 5 times powers of ten within the range."""
    powers = range(math.floor(math.log10(low)) - 1, math.ceil(math.log10(high)) + 1)
    every = [step * 10.0**power for power in powers for step in (1, 2, 5)]
    return [number for number in every if low / 1.3 <= number <= high * 1.3]


def _label(ax: Axes, chart: Chart, looks: Mapping[str, Look]) -> None:
    """Label each curve with name and last value at its right end, without overlaps."""
    ends = sorted(
        (float(ax.transLimits.transform(ax.transScale.transform(at[-1]))[1]), transport)
        for transport, at in chart.points.items()
    )
    places = spaced([height for height, _ in ends], min(GAP, 1 / len(ends)))
    for height, (_, transport) in zip(places, ends, strict=True):
        text = f"{formatting.number(chart.points[transport][-1][1])}  {transport}"
        key: dict[str, Any] = {"color": looks[transport].colour, "ms": 6, "clip_on": False}
        ax.plot(_LABEL, height, looks[transport].marker, transform=ax.transAxes, **key)
        where: dict[str, Any] = {"xycoords": "axes fraction", "annotation_clip": False}
        ax.annotate(text, (_LABEL, height), (8, 0), **where, **style.BESIDE)


def _bars(
    ax: Axes,
    found: Mapping[str, Mapping[str, float]],
    transports: Sequence[str],
    looks: Mapping[str, Look],
) -> None:
    height = 0.76 / len(found)
    for place, values in enumerate(found.values()):
        offset = (place - (len(found) - 1) / 2) * height
        for row, transport in enumerate(transports):
            if transport in values:
                _bar(ax, row + offset, height * 0.9, values[transport], looks[transport], place > 0)
    ax.set_yticks(range(len(transports)), transports)
    ax.set_ylim(len(transports) - 0.45, -0.55)
    ax.set_xlim(0, 1.15 * max(value for values in found.values() for value in values.values()))
    ax.set_xlabel("server memory per idle connection, KiB")
    ax.xaxis.set_major_formatter(style.PLAIN)
    ax.grid(axis="x")
    ax.set_axisbelow(True)
    ax.tick_params(axis="y", length=0)
    if len(found) > 1:
        keys = [Patch(fc=FAINT, ec=FAINT), Patch(fc="none", ec=FAINT, hatch=HATCH)]
        ax.legend(
            keys, list(found), loc="lower left", bbox_to_anchor=(-0.01, 1.0), ncols=2, frameon=False
        )


def _bar(ax: Axes, y: float, height: float, value: float, look: Look, hatched: bool) -> None:
    fill: dict[str, Any] = {"fc": "none", "hatch": HATCH} if hatched else {"fc": look.colour}
    ax.barh(y, value, height, ec=look.colour, lw=1.2, **fill)
    ax.annotate(formatting.number(value), (value, y), (4, 0), **style.BESIDE)
