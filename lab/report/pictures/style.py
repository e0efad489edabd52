"""The style of all pictures: colours, hatches, markers and fonts.

A transport looks the same in every picture of every run. Its hue shows its protocol: blue is
native, warm colours are Socket.IO, green is a fallback. Transports with the same protocol on other
stacks share a colour. The colours are distinct for any kind of colour vision; the first are those
of Okabe & Ito (2008). Hatch, or marker and dash, repeat the information, so a picture also works in
grey. A page replaces ink and paper by its own colours, for light and dark.
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
"""In inches. At 850 pixels on a page the smallest font is still 11 pixels high."""
PLAIN = FuncFormatter(lambda value, _: f"{value:,.10g}".replace(",", " "))
"""Axis numbers in full, with a space between thousands."""
BESIDE: dict[str, Any] = {"textcoords": "offset points", "va": "center_baseline", "fontsize": 9.5}
"""How to place a label beside what it names."""

_BLUE, _SKY = "#0072B2", "#56B4E9"
_AMBER, _VERMILION, _PURPLE = "#E69F00", "#D55E00", "#A23C85"
_GREY = "#7F7F7F"
"""For transports that only serve as limits."""
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
    """How one transport is drawn in every picture of a run."""

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
    "http-stream": Look(_GREENS[5], "o", "--"),
    "http-stream-h2": Look(_GREENS[5], "^", ":"),
    "sse-h2": Look(_GREENS[5], "*", "-"),
    "websocket-h2": Look(_BLUE, "s", "-"),
    "webtransport": Look(_SKY, "v", "-"),
    "socketio-webtransport": Look(_AMBER, "v", ":"),
    "socketio-msgpack": Look(_AMBER, "D", "-"),
    "node-socketio-msgpack": Look(_AMBER, "s", "-."),
    "node-websocket": Look(_BLUE, "X", "-."),
    "node-socketio-websocket": Look(_AMBER, "X", "-"),
    "node-socketio-polling": Look(_VERMILION, "X", "--"),
    "node-socketio": Look(_PURPLE, "X", ":"),
    "limit-tcp": Look(_GREY, "H", "--"),
    "limit-gathered": Look(_GREY, "8", "-"),
    "uwebsockets": Look(_SKY, "H", "-"),
    "picows": Look(_SKY, "8", "--"),
}
"""Fixed looks. Any other transport gets one that is still free."""
_NO_SOCKET = Look(_GREY, ".", ":")
_COLOURS = (_BLUE, _AMBER, _GREENS[0], _PURPLE, _SKY, _VERMILION, _GREENS[3])
_MARKERS = ("o", "s", "^", "D", "v", "P", "d")
_LINES = ("-", "--", "-.", ":")


def looks(transports: Sequence[str], no_socket: str) -> dict[str, Look]:
    """A look per transport. The one without a socket is grey.

    Only with many dozens of unknown transports would two share a look.
    """
    found = {transport: LOOKS[transport] for transport in transports if transport in LOOKS}
    taken = {(look.colour, look.marker) for look in found.values()}
    free = [look for look in _SPARE if (look.colour, look.marker) not in taken]
    new = [
        transport for transport in transports if transport not in LOOKS and transport != no_socket
    ]
    found |= dict(zip(new, cycle(free), strict=False))
    return found | ({no_socket: _NO_SOCKET} if no_socket in transports else {})


def _spare(place: int) -> Look:
    """Neighbours differ in all three. A colour returns with another marker and another dash."""
    turn, place = divmod(place, len(_COLOURS))
    marker, line = (place + turn) % len(_MARKERS), (place + turn) % len(_LINES)
    return Look(_COLOURS[place], _MARKERS[marker], _LINES[line])


_SPARE = [_spare(place) for place in range(len(_COLOURS) * len(_MARKERS))]


@contextmanager
def applied() -> Iterator[None]:
    """Draw in this style, then restore matplotlib's settings."""
    with mpl.rc_context(_SETTINGS):  # type: ignore[arg-type]
        yield


def canvas(height: float) -> Canvas:
    """A figure of `WIDTH`. Not from pyplot, whose global state would keep every picture alive."""
    made = Canvas(figsize=(WIDTH, height), layout="constrained")
    FigureCanvasAgg(made)
    return made


def frame(made: Canvas, title: str, note: str) -> None:
    """Write the title above a picture, and the note needed to read it below."""
    made.suptitle(title, x=0.01, ha="left")
    made.supxlabel(note, x=0.01, ha="left", fontsize=9, color=FAINT)
