"""A part of 15_many_nodes: what 1, 10 and 100 nodes carry, and what else comes with them."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from lab.cluster.prediction import NODES, RUN, Passes, is_mixed, passes, per_s, placement
from lab.measure.figures.proxies import PROXIES
from lab.measure.figures.storm import BACK_OFFS
from lab.notebook.pictures import Picture
from lab.notebook.prose import Prose, run_folders, table
from lab.notebook.recorded import Recorded
from lab.report.pictures import style

LINES: tuple[dict[str, Any], ...] = (
    {"color": "#0072B2", "marker": "o"},
    {"color": "#D55E00", "marker": "s"},
    {"color": "#4E9952", "marker": "^"},
)
"""The look of each library's curve."""
COMPARED = ("at_once", "fixed_500", "jitter_500", "jitter_2000")
PAUSES_KO = {
    "at_once": "쉬지 않음",
    "fixed_500": "0.5초",
    "jitter_500": "0.5초까지 무작위",
    "jitter_2000": "2초까지 무작위",
}


@dataclass(frozen=True)
class Capacity:
    """What so many nodes carry by the model, in messages a second: library -> nodes -> rate.

    `wasted`: nodes -> the share of their reads that is wasted. `heeding`: the rates of the first
    library as if a message cost nothing where it has no member. `upper_bounds`: rooms that take
    turns cost more than the rates allow for.
    """

    rates: dict[str, dict[int, float]]
    wasted: dict[int, float]
    upper_bounds: bool
    heeding: dict[int, float]

    def times(self, name: str) -> float:
        """Return how many times the messages of one node the most nodes carry."""
        return self.rates[name][NODES[-1]] / self.rates[name][1]

    def picture(self) -> Picture:
        """Draw how many times the messages of one node the nodes carry."""
        with style.applied():
            canvas = style.canvas(3.4)
            ax = canvas.subplots()
            ax.plot(NODES, NODES, "--", color=style.FAINT, label="linear")
            relative = [self.heeding[it] / self.heeding[1] for it in NODES]
            rooms = f"{next(iter(self.rates))}, own rooms only"
            ax.plot(NODES, relative, ":", color=style.INK, label=rooms)
            for (name, rates), look in zip(self.rates.items(), LINES, strict=True):
                ax.plot(NODES, [rates[it] / rates[1] for it in NODES], label=name, **look)
            ax.set_xscale("log")
            ax.set_yscale("log")
            for axis in (ax.xaxis, ax.yaxis):
                axis.set_major_formatter(style.PLAIN)
            ax.set_xticks(NODES, [str(it) for it in NODES])
            ax.minorticks_off()
            ax.set_xlabel("nodes")
            ax.set_ylabel("times what one node carries")
            ax.legend(frameon=False)
            lowest, highest = (f(map(self.times, self.rates)) for f in (min, max))
            title = f"{NODES[-1]} nodes carry {lowest:.1f} to {highest:.1f} times as much as one"
            note = "a model with measured costs of a message; 1,000 rooms of 10, members at random"
            style.frame(canvas, title, note)
        return Picture(canvas)

    def shown(self) -> Prose:
        """Return a table of the rates and of the share of wasted reads."""
        names = [f"`{name}`" for name in self.rates]
        rows = [
            [it, f"{self.wasted[it]:.0%}", *(f"{rates[it]:,.0f}" for rates in self.rates.values())]
            for it in NODES
        ]
        found = table(["nodes", "wasted reads", *names], rows, ["노드", "낭비된 읽기", *names])
        if not self.upper_bounds:
            return found
        return Prose(
            f"{found.markdown}\n\nThe rates are upper bounds: rooms that take turns cost more.",
            f"{found.korean}\n\n값은 상한입니다. 방이 번갈아 쓰이면 비용이 더 듭니다.",
        )

    def percent(self, nodes: int) -> float:
        """Return the share of wasted reads on so many nodes, in percent."""
        return 100 * self.wasted[nodes]


def capacity(file: Path | None = None) -> Capacity:
    """Predict from the costs of the lab's own run, or of another one, what more nodes carry."""
    found: Passes = passes(file or run_folders()[0] / RUN)
    where = {nodes: placement(nodes) for nodes in NODES}
    first = next(iter(found.values()))
    return Capacity(
        {
            name: {nodes: per_s(each, placed) for nodes, placed in where.items()}
            for name, each in found.items()
        },
        {nodes: placed.wasted() for nodes, placed in where.items()},
        not is_mixed(found),
        {nodes: per_s(first, placed, wasted=False) for nodes, placed in where.items()},
    )


def storm(recorded: Recorded) -> Prose:
    """Return a table of the lab's own run: the server's CPU while all clients come back."""
    names = recorded.run.transports
    rows = [
        [f"`{name}`", *(recorded.shown(f"storm_{it}_busiest", name) for it in COMPARED)]
        for name in names
    ]
    english = ["busiest 100 ms, % of a core", *(BACK_OFFS[it].short for it in COMPARED)]
    return table(english, rows, ["가장 바쁜 100 ms, 코어의 %", *(PAUSES_KO[it] for it in COMPARED)])


def proxies(recorded: Recorded) -> Prose:
    """Return a table of the lab's own run: what a proxy adds to a round trip."""
    rows = [
        [f"`{name}`", *(recorded.shown(f"proxies_{it}_added_p50_us", name) for it in PROXIES)]
        for name in recorded.run.transports
    ]
    return table(["added, p50, µs", *PROXIES], rows, ["더해진 시간, p50, µs", *PROXIES])
