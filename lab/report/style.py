"""How every picture looks: colours, hatches, markers and type, shared by all plots.

Colours are those of Okabe & Ito (2008), told apart with any kind of colour vision; hatch and marker
say the same again, so that a picture also works in grey. The ink and the paper are plain values
that the page replaces by its own, for light and dark.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import matplotlib as mpl
import numpy as np
import numpy.typing as npt
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure as Canvas
from matplotlib.ticker import FuncFormatter

Floats = npt.NDArray[np.float64]

INK = "#1b1f24"
FAINT = "#8a939d"
GRID = "#d8dee4"
PAPER = "#ffffff"

WIDTH = 10.0
"""Inches: at 850 pixels on a page the smallest type is still 11 pixels high."""
PLAIN = FuncFormatter(lambda value, _: f"{value:,.10g}".replace(",", " "))
"""Axis numbers in full, with a space between thousands."""
BESIDE: dict[str, Any] = {"textcoords": "offset points", "va": "center_baseline", "fontsize": 9.5}
"""How a label stands beside what it names."""

_FLOOR_COLOUR = "#999999"
_COLOURS = ("#0072B2", "#56B4E9", "#E69F00", "#D55E00", "#CC79A7", "#009E73", "#F0E442")
_MARKERS = ("o", "s", "^", "D", "v", "P", "X")
_LINES = ("-", "--", "-.", ":")

_SETTINGS = {
    "svg.hashsalt": "transport-lab",  # ids that are the same each time
    "svg.fonttype": "none",  # text stays text: searchable, and read aloud
    "font.family": "sans-serif",
    "font.sans-serif": ["DejaVu Sans", "Verdana", "sans-serif"],
    "font.size": 10.5,
    "axes.edgecolor": FAINT,
    "axes.facecolor": "none",
    "axes.grid": False,
    "axes.labelcolor": INK,
    "axes.spines.right": False,
    "axes.spines.top": False,
    "axes.titlecolor": INK,
    "axes.titlelocation": "left",
    "axes.titlesize": 11,
    "axes.titleweight": "bold",
    "figure.facecolor": PAPER,
    "figure.titlesize": 13,
    "figure.titleweight": "bold",
    "grid.color": GRID,
    "grid.linewidth": 0.8,
    "hatch.linewidth": 1.2,
    "text.color": INK,
    "xtick.color": INK,
    "ytick.color": INK,
}


@dataclass(frozen=True, slots=True)
class Look:
    """How one wire is drawn in every picture of a run."""

    colour: str
    marker: str
    line: str


def looks(wires: Sequence[str], floor: str) -> dict[str, Look]:
    """A look per wire, by its place in the run; the floor is grey. Repeats after 28 wires."""
    others = [wire for wire in wires if wire != floor]
    found = {
        wire: Look(
            _COLOURS[place % len(_COLOURS)],
            _MARKERS[place % len(_MARKERS)],
            _LINES[(place % len(_COLOURS) + place // len(_COLOURS)) % len(_LINES)],
        )
        for place, wire in enumerate(others)
    }
    return found | ({floor: Look(_FLOOR_COLOUR, ".", ":")} if floor in wires else {})


@contextmanager
def applied() -> Iterator[None]:
    """Draw in this style, and leave matplotlib as it was."""
    with mpl.rc_context(_SETTINGS):  # type: ignore[arg-type]
        yield


def canvas(height: float) -> Canvas:
    """A figure `WIDTH` wide, without pyplot, whose global state would keep every picture alive."""
    made = Canvas(figsize=(WIDTH, height), layout="constrained")
    FigureCanvasAgg(made)
    return made


def frame(made: Canvas, title: str, note: str) -> None:
    """Put the title over a picture, and what must be known to read it under it."""
    made.suptitle(title, x=0.01, ha="left")
    made.supxlabel(note, x=0.01, ha="left", fontsize=9, color=FAINT)
