"""How every picture looks: colours, hatches, markers and type, shared by all plots.

A wire has one look in every picture of every run. Its hue says what it speaks: blue is native, warm
is Socket.IO, green a fallback. Wires that speak alike on other stacks share their colour. Colours
are told apart with any kind of colour vision, beginning with those of Okabe & Ito (2008); hatch, or
marker and dash, say the same again, so that a picture also works in grey. The ink and the paper are
plain values that the page replaces by its own, for light and dark.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import cycle
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

_BLUE, _SKY = "#0072B2", "#56B4E9"
_AMBER, _VERMILION, _PURPLE = "#E69F00", "#D55E00", "#A23C85"
_GREY = "#7F7F7F"
"""Of what is no wire to choose: the floors that the others stand on."""
_GREENS = ("#4E9952", "#85CA7F", "#0D5327", "#646222", "#14685E", "#48A99C")

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


LOOKS = {
    "websocket": Look(_BLUE, "o", "-"),
    "websocket-aiohttp": Look(_SKY, "s", "--"),
    "socketio-websocket": Look(_AMBER, "^", "-."),
    "socketio-polling": Look(_VERMILION, "D", ":"),
    "socketio": Look(_PURPLE, "v", "--"),
    "websocket-tuned": Look(_BLUE, ">", "--"),
    "socketio-websocket-tuned": Look(_AMBER, ">", ":"),
    "socketio-polling-tuned": Look(_VERMILION, ">", "-"),
    "socketio-tuned": Look(_PURPLE, ">", "-."),
    "xhr-polling": Look(_GREENS[0], "P", "-"),
    "jsonp-polling": Look(_GREENS[1], "p", "--"),
    "xhr-multipart": Look(_GREENS[2], "h", "-."),
    "htmlfile": Look(_GREENS[3], "*", ":"),
    "flashsocket": Look(_GREENS[4], "d", "-"),
    "sse": Look(_GREENS[5], "<", "--"),
    "node-websocket": Look(_BLUE, "X", "-."),
    "node-socketio-websocket": Look(_AMBER, "X", "-"),
    "node-socketio-polling": Look(_VERMILION, "X", "--"),
    "node-socketio": Look(_PURPLE, "X", ":"),
    "limit-tcp": Look(_GREY, "H", "--"),
    "limit-gathered": Look(_GREY, "8", "-"),
    "uwebsockets": Look(_SKY, "H", "-"),
    "picows": Look(_SKY, "8", "--"),
}
"""The wires that there were when this was drawn up; any other gets one that is still free."""
_FLOOR = Look(_GREY, ".", ":")
_COLOURS = (_BLUE, _AMBER, _GREENS[0], _PURPLE, _SKY, _VERMILION, _GREENS[3])
_MARKERS = ("o", "s", "^", "D", "v", "P", "d")
_LINES = ("-", "--", "-.", ":")


def looks(wires: Sequence[str], floor: str) -> dict[str, Look]:
    """A look per wire; the floor is grey. Only many dozens of unknown wires would have to share."""
    found = {wire: LOOKS[wire] for wire in wires if wire in LOOKS}
    taken = {(look.colour, look.marker) for look in found.values()}
    free = [look for look in _SPARE if (look.colour, look.marker) not in taken]
    new = [wire for wire in wires if wire not in LOOKS and wire != floor]
    found |= dict(zip(new, cycle(free), strict=False))
    return found | ({floor: _FLOOR} if floor in wires else {})


def _spare(place: int) -> Look:
    """Neighbours differ in everything; a colour comes back with another marker and another dash."""
    turn, place = divmod(place, len(_COLOURS))
    marker, line = (place + turn) % len(_MARKERS), (place + turn) % len(_LINES)
    return Look(_COLOURS[place], _MARKERS[marker], _LINES[line])


_SPARE = [_spare(place) for place in range(len(_COLOURS) * len(_MARKERS))]


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
