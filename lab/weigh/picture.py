"""Draws what messages weigh: bytes and CPU time side by side, one row for each way."""

from __future__ import annotations

from collections.abc import Sequence

from matplotlib.axes import Axes
from matplotlib.patches import Patch

from lab.report.pictures import style
from lab.report.pictures.plots import png
from lab.weigh import text
from lab.weigh.model import Weighed

PLAIN, KEPT, FRESH, FRAMING = "#7F7F7F", "#0072B2", "#E69F00", "#D8DEE4"
"""Colours for any kind of colour vision (Okabe & Ito, 2008); framing also has a hatch."""
HATCH = "////"
ROW = 0.24
"""Inches of a row."""


def draw(found: Sequence[Weighed], source: str) -> bytes:
    """The picture as PNG. `source`: which messages, and how many."""
    with style.applied():
        canvas = style.canvas(1.9 + ROW * len(found))
        left, right = canvas.subplots(1, 2, sharey=True, width_ratios=(3, 2))
        _bytes(left, found)
        _cpu(right, found)
        left.set_yticks(range(len(found)), [_label(each) for each in found])
        left.set_ylim(len(found) - 0.4, -0.6)
        _legend(left)
        answer, _, of = text.answer(found).removesuffix(").").partition(" (")
        title = answer.replace("; ", ";\n")
        style.frame(canvas, title, f"{source} · title: {of} · CPU: compress and decompress")
    return png(canvas)


def _label(one: Weighed) -> str:
    return f"{one.way.codec} · {one.way.carrier.name} · {text.name(one)}"


def _bytes(ax: Axes, found: Sequence[Weighed]) -> None:
    for row, one in enumerate(found):
        payload, framing = one.weight.payload_bytes, one.weight.framing_bytes
        ax.barh(row, payload, 0.76, color=_colour(one))
        ax.barh(row, framing, 0.76, left=payload, color=FRAMING, hatch=HATCH, ec=style.FAINT, lw=0)
    _axis(ax, "bytes per message")


def _cpu(ax: Axes, found: Sequence[Weighed]) -> None:
    """Both sides together. The table has each side by itself, with its interval."""
    for row, one in enumerate(found):
        ax.barh(row, text.cpu_us(one), 0.76, color=_colour(one))
    _axis(ax, "CPU per message, µs")


def _axis(ax: Axes, label: str) -> None:
    ax.set_xlim(left=0)
    ax.set_xlabel(label)
    ax.xaxis.set_major_formatter(style.PLAIN)
    ax.xaxis.grid()
    ax.set_axisbelow(True)


def _colour(one: Weighed) -> str:
    if one.way.compression is None:
        return PLAIN
    return KEPT if one.way.compression.kept else FRESH


def _legend(ax: Axes) -> None:
    """Above the rows, across both panels."""
    handles = [
        Patch(color=PLAIN, label="no compression"),
        Patch(color=KEPT, label="context kept"),
        Patch(color=FRESH, label="fresh context"),
        Patch(facecolor=FRAMING, hatch=HATCH, edgecolor=style.FAINT, lw=0, label="framing"),
    ]
    ax.legend(
        handles=handles,
        loc="lower left",
        bbox_to_anchor=(0, 1),
        borderaxespad=0.2,
        ncols=4,
        frameon=False,
        fontsize=9.5,
    ).set_in_layout(False)
    ax.set_title(" ")  # keeps a line free for the legend, which is wider than the panel
