"""Draws the answer: three panels, one for each block, with Socket.IO's multiples of WebSocket."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from matplotlib.axes import Axes
from matplotlib.figure import Figure as Canvas
from matplotlib.layout_engine import ConstrainedLayoutEngine
from matplotlib.lines import Line2D
from matplotlib.ticker import FixedLocator, NullLocator

from lab.answer.blocks import CLIENTS, PLAIN, PYTHON, VARIANTS
from lab.answer.measurements import Ratio
from lab.answer.model import Answer, Block, Row
from lab.answer.of_run import of_run
from lab.record import Run
from lab.report.model import formatting
from lab.report.pictures import style
from lab.report.pictures.style import FAINT, INK, LOOKS, PAPER, Look

TITLE = "What Socket.IO costs, as a multiple of plain WebSocket"
_ROW = 0.42
"""Inches of a row."""
_LEGEND = 0.29
"""Inches of the title's line and of the legend's."""
_APART = 0.24
"""How far the variants of a row are apart, in rows."""
_TICKS = (0.5, 1, 2, 5, 10, 20, 50)
_TRANSPORTS = {
    "default": "socketio",
    "websocket": "socketio-websocket",
    "polling": "socketio-polling",
}
"""Variant -> the transport whose look it has, whatever its stack."""


def answer(run: Run) -> Canvas | None:
    """The main picture; None if the run measured nothing of the answer."""
    found = of_run(run)
    return draw(found) if found.own else None


def draw(found: Answer) -> Canvas:
    """A panel for each block; hollow where a value is quoted from the reference."""
    keys = list(_keys(found))
    with style.applied():
        canvas = style.canvas(2.3 + _ROW * max(len(keys), 2))
        axes = canvas.subplots(1, len(found.blocks), sharey=True)
        high = max(_ratios(found), default=1.0)
        for ax, block in zip(axes, found.blocks, strict=True):
            _panel(ax, block, keys, high)
        axes[0].set_yticks(range(len(keys)), [_name(found, *key) for key in keys])
        axes[0].set_ylim(len(keys) - 0.4, -0.6)
        # In a line of its own below the title: by itself the legend would cover the title.
        line = _LEGEND / canvas.get_figheight()
        below_title = (0.003, 1 - line)
        layout = canvas.get_layout_engine()
        assert isinstance(layout, ConstrainedLayoutEngine)
        layout.set(rect=(0, 0, 1, 1 - line))
        handles = list(_legend(found))
        canvas.legend(
            handles=handles,
            loc="upper left",
            bbox_to_anchor=below_title,
            ncols=len(handles),
            frameon=False,
            fontsize=9.5,
            handletextpad=0.3,
            columnspacing=1.4,
        ).set_in_layout(False)
        style.frame(canvas, TITLE, _note(found))
    return canvas


def _keys(found: Answer) -> Iterator[tuple[str, str]]:
    """(Key, client) of each row that a block has measured."""
    rows = [row for block in found.blocks for row in block.rows]
    measured = {(row.key, row.client) for row in rows if row.measured}
    yield from (
        key for key in dict.fromkeys((row.key, row.client) for row in rows) if key in measured
    )


def _ratios(found: Answer) -> Iterator[float]:
    for block in found.blocks:
        for row in block.rows:
            for side in row.sides.values():
                if side.ratio:
                    yield side.ratio.high or side.ratio.ratio


def _name(found: Answer, key: str, client: str) -> str:
    row = next(r for b in found.blocks for r in b.rows if (r.key, r.client) == (key, client))
    return row.short if client == PYTHON else f"{row.short},\nclient {CLIENTS[client]}"


def _panel(ax: Axes, block: Block, keys: Sequence[tuple[str, str]], high: float) -> None:
    for place, (key, client) in enumerate(keys):
        row = block.row(key, client)
        if row is None:
            ax.annotate("not measured", (1, place), (4, 0), **style.BESIDE, color=FAINT)
        else:
            _row(ax, place, row, block.variant)
    ax.set_title(block.title, pad=22)
    ax.annotate(
        block.whose,
        (0, 1),
        (0, 8),
        xycoords="axes fraction",
        textcoords="offset points",
        fontsize=9.5,
        annotation_clip=False,
    )
    ax.set_xscale("log")
    ax.axvline(1, color=INK, lw=0.8)
    ax.set_xlim(0.6, high * 3.6)
    ax.xaxis.set_major_locator(FixedLocator([tick for tick in _TICKS if tick <= high * 1.5]))
    ax.xaxis.set_minor_locator(NullLocator())
    ax.xaxis.set_major_formatter(style.PLAIN)
    ax.set_xlabel("times plain WebSocket")
    ax.grid(axis="x")
    ax.set_axisbelow(True)
    ax.tick_params(axis="y", length=0)


def _row(ax: Axes, place: int, row: Row, stands_for_it: str) -> None:
    """The multiples of a row, one below the other, and both values of the shown variant."""
    far = 1.0
    for step, variant in enumerate(_TRANSPORTS):
        if ratio := row.sides[variant].ratio:
            y = place + (step - 1) * _APART
            _point(ax, y, ratio, LOOKS[_TRANSPORTS[variant]], row.quoted)
            far = max(far, ratio.high or ratio.ratio)
    plain, other = (row.sides[variant].value for variant in (PLAIN, stands_for_it))
    if plain and other:
        values = f"{formatting.exact(plain.median)} → {formatting.exact(other.median)}"
        ground = {"fc": PAPER, "ec": "none", "pad": 0.5}
        ax.annotate(values, (far, place), (7, 0), bbox=ground, **style.BESIDE)


def _point(ax: Axes, y: float, ratio: Ratio, look: Look, quoted: bool) -> None:
    if ratio.low is not None and ratio.high is not None:
        ax.plot([ratio.low, ratio.high], [y, y], "-", color=look.colour, lw=1.6)
    ax.plot(
        ratio.ratio, y, look.marker, ms=6, mec=look.colour, mfc=PAPER if quoted else look.colour
    )


def _legend(found: Answer) -> Iterator[Line2D]:
    for variant, transport in _TRANSPORTS.items():
        look = LOOKS[transport]
        yield Line2D([], [], color=look.colour, marker=look.marker, ls="", label=VARIANTS[variant])
    if any(row.quoted and row.measured for block in found.blocks for row in block.rows):
        yield Line2D([], [], color=FAINT, marker="o", mfc=PAPER, ls="", label="hollow: quoted")


def _note(found: Answer) -> str:
    shown = ", ".join(sorted({VARIANTS[block.variant] for block in found.blocks}))
    return (
        f"beside each row: plain WebSocket → {shown} · lines: 95 % intervals, where there are "
        "five passes\nCPU and memory are the server's; a delivery in a room of 100; connect and "
        "RTT include the client's library"
    )
