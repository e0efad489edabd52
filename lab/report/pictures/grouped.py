"""Draws groups of bars, a group for each row and a bar for each way to do something.

The colours are distinct for any kind of colour vision, and hatches repeat the information.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from matplotlib.axes import Axes
from matplotlib.figure import Figure as Canvas
from matplotlib.patches import Patch

from lab.report.pictures import style

COLOURS = ("#0072B2", "#E69F00", "#009E73", "#A23C85", "#56B4E9", "#D55E00")
HATCHES = ("", "////", "..", "xx", "\\\\\\\\", "++")
ROW, BAR = 0.16, 0.8


def canvas(groups: int, bars: int) -> Canvas:
    """A canvas as high as so many groups need."""
    return style.canvas(2.0 + ROW * groups * (bars + 1))


def panel(
    ax: Axes, groups: Sequence[str], bars: Sequence[Mapping[str, float]], across: str
) -> None:
    """Draw the bars of each group: that of the first mapping, then of the second, and so on.

    `bars`: group -> value; a group that is not in it has no such bar.
    """
    height = BAR / max(len(bars), 1)
    for place, values in enumerate(bars):
        for row, group in enumerate(groups):
            if (value := values.get(group)) is not None:
                at = row - BAR / 2 + (place + 0.5) * height
                bar = ax.barh(at, value, height * 0.9, color=COLOURS[place % len(COLOURS)])
                bar[0].set(hatch=HATCHES[place % len(HATCHES)], edgecolor=style.PAPER, lw=0)
    ax.set_xlim(left=0)
    ax.set_xlabel(across)
    ax.xaxis.set_major_formatter(style.PLAIN)
    ax.xaxis.grid()
    ax.set_axisbelow(True)


def rows(ax: Axes, names: Sequence[str]) -> None:
    """Name the groups, the first one at the top."""
    ax.set_yticks(range(len(names)), names)
    ax.set_ylim(len(names) - 0.4, -0.6)


def legend(ax: Axes, names: Sequence[str]) -> None:
    """Name the bars of a group, above the rows and across all panels."""
    handles = [
        Patch(
            facecolor=COLOURS[place % len(COLOURS)],
            hatch=HATCHES[place % len(HATCHES)],
            edgecolor=style.PAPER,
            lw=0,
            label=name,
        )
        for place, name in enumerate(names)
    ]
    ax.legend(
        handles=handles,
        loc="lower left",
        bbox_to_anchor=(0, 1),
        borderaxespad=0.2,
        ncols=len(handles),
        frameon=False,
        fontsize=9.5,
    ).set_in_layout(False)
    ax.set_title(" ")  # keeps a line free for the legend, which is wider than the panel
