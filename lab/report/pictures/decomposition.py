"""Draws the parts of a delivery's cost as stacked bars, a panel for each workload."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from matplotlib.axes import Axes
from matplotlib.figure import Figure as Canvas
from matplotlib.patches import Patch

from lab.measure.decomposition import NAMES, Parts, mean
from lab.measure.figures.decomposition import TITLES, WINDOWS
from lab.record import Run
from lab.report.model import decomposition as model
from lab.report.model import formatting
from lab.report.pictures import style
from lab.report.pictures.style import INK

LOOKS = {
    "network": ("#8FA3B5", ""),
    "chat": ("#009E73", "...."),
    "protocol": ("#E69F00", "////"),
    "library": ("#A23C85", "\\\\"),
}
"""Part -> its colour and hatch, distinct for any kind of colour vision, and in grey."""

_HEIGHT = 0.66
_LETTER = 0.026
"""The width of one digit, as a share of the longest bar. A number needs half a digit more as
margin."""

Stacks = Mapping[str, Parts]
"""Transport -> its cost in ns per delivery."""


def decomposition(run: Run) -> Canvas | None:
    """The parts of each transport's cost; None if the run did not divide any."""
    found = {window: model.costs(run, window) for window in WINDOWS}
    panels = {
        _flight(window): {
            transport: mean([each.parts_ns for each in passes.values()])
            for transport, passes in transports.items()
        }
        for window, transports in found.items()
        if transports
    }
    if not panels:
        return None
    passes = max(len(each) for transports in found.values() for each in transports.values())
    return draw(panels, _title(run), _note(run, passes))


def draw(panels: Mapping[str, Stacks], title: str, note: str) -> Canvas:
    """Panels side by side, with a stack per transport. Negative parts are left of zero."""
    transports = list(
        dict.fromkeys(transport for stacks in panels.values() for transport in stacks)
    )
    with style.applied():
        canvas = style.canvas(2.15 + 0.42 * max(len(transports), 2))
        axes = canvas.subplots(1, len(panels), sharey=True, squeeze=False)[0]
        for ax, (name, stacks) in zip(axes, panels.items(), strict=True):
            _panel(ax, stacks, transports)
            ax.set_title(name, pad=26)
        axes[0].set_yticks(range(len(transports)), transports)
        axes[0].set_ylim(len(transports) - 0.45, -0.55)
        _key(axes[0])
        style.frame(canvas, title, note)
    return canvas


def _panel(ax: Axes, stacks: Stacks, transports: Sequence[str]) -> None:
    longest = max((_ends(each)[1] for each in stacks.values()), default=1.0)
    lowest = min((_ends(each)[0] for each in stacks.values()), default=0.0)
    ax.set_xlim(min(lowest * 1.1, -0.005 * longest), longest * 1.2)
    for row, transport in enumerate(transports):
        if transport in stacks:
            _stack(ax, row, stacks[transport], longest)
        else:
            ax.annotate("–", (0, row), (4, 0), **style.BESIDE)
    ax.axvline(0, color=INK, lw=0.8)
    ax.set_xlabel("server CPU per delivery, µs")
    ax.xaxis.set_major_formatter(style.PLAIN)
    ax.locator_params(axis="x", nbins=5)
    ax.grid(axis="x")
    ax.set_axisbelow(True)
    ax.tick_params(axis="y", length=0)


def _ends(parts: Parts) -> tuple[float, float]:
    """The begin and end of a stack in µs. Negative parts are on the other side of zero."""
    sizes = [getattr(parts, name) / 1e3 for name in NAMES]
    return sum(size for size in sizes if size < 0), sum(size for size in sizes if size > 0)


def _stack(ax: Axes, row: int, parts: Parts, longest: float) -> None:
    left = right = 0.0
    for name in NAMES:
        size = getattr(parts, name) / 1e3
        colour, hatch = LOOKS[name]
        begin = right if size > 0 else left
        edge = style.PAPER if hatch else colour
        ax.barh(row, size, _HEIGHT, left=begin, fc=colour, ec=edge, hatch=hatch, lw=0)
        text = f"{size:.0f}" if abs(size) >= 10 else f"{size:.1f}"
        if abs(size) > _LETTER * (len(text) + 0.5) * longest:
            _number(ax, begin + size / 2, row, text)
        left, right = left + min(size, 0), right + max(size, 0)
    total = parts.total / 1e3
    ax.plot([total] * 2, [row - _HEIGHT / 2, row + _HEIGHT / 2], color=INK, lw=1.6)
    text = formatting.number(total)
    ax.annotate(text, (max(right, total), row), (5, 0), **style.BESIDE, fontweight="bold")


def _number(ax: Axes, x: float, row: int, text: str) -> None:
    ground = {"fc": style.PAPER, "ec": "none", "pad": 1.2}
    ax.text(x, row, text, ha="center", va="center_baseline", fontsize=9.5, bbox=ground)


def _key(ax: Axes) -> None:
    patches = [
        Patch(fc=LOOKS[name][0], ec=style.PAPER, hatch=LOOKS[name][1], lw=0, label=TITLES[name])
        for name in NAMES
    ]
    ax.legend(
        handles=patches,
        loc="lower left",
        bbox_to_anchor=(-0.01, 1.0),
        ncols=len(patches),
        frameon=False,
        fontsize=9.5,
        borderaxespad=0.1,
        handlelength=1.3,
        columnspacing=1.1,
    )


def _flight(window: int) -> str:
    return "One message in flight" if window == 1 else f"{window} messages in flight"


def _title(run: Run) -> str:
    """A title about the largest gap with one message in flight."""
    found = model.gaps(run, WINDOWS[0])
    furthest = max(found, key=lambda pair: found[pair].distance.median, default=None)
    if furthest is None:
        return "What a delivery costs the server, divided by cause"
    library = f"{100 * found[furthest].library.median:.0f} %"
    transport, beside = furthest
    return f"{library} of what {transport} costs beyond {beside} is the library's"


def _note(run: Run, passes: int) -> str:
    few = "one pass" if passes == 1 else f"means over {passes} passes, so that the parts add up"
    return (
        f"{few} · room of 100 · raw client · {run.info.settings} settings · loopback network\n"
        "thick line: the whole · left of zero: the limit cost more than the transport it is part of"
    )
