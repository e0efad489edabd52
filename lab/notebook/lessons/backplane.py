"""A part of 15_many_nodes: what each node reads from the backplane, and for whom."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from lab.cluster.cluster import Plan, check
from lab.cluster.programs import ClusterError
from lab.cluster.reading import Read, read, spread
from lab.notebook.guess import Expected
from lab.notebook.pictures import Picture
from lab.notebook.prose import Prose, table
from lab.report.pictures import style
from transports.registry import UnavailableError

LIBRARY, JOINED = "socketio-redis-manager", "socketio"
NAMES = {LIBRARY: "AsyncRedisManager", JOINED: "the lab's journal"}
NAMES_KO = {LIBRARY: "AsyncRedisManager", JOINED: "실험실의 저널"}
ROOMS_EACH = 4
"""With every node come so many rooms of three."""
MESSAGES = 10
"""To each room."""
TITLE = "With more nodes each one reads more, though it has no more clients"

WASTED = Expected(
    8,
    "The speaker's node has given the message to its members already, and reads it again.",
    "말한 멤버의 노드는 이미 자기 멤버에게 메시지를 주었는데도 그것을 다시 읽습니다.",
    within=0,
)
READERS = Expected(
    3,
    "A joined node reads the streams of the rooms in which it has members.",
    "저널로 이은 노드는 자기 멤버가 있는 방의 스트림을 읽습니다.",
    within=0,
)


@dataclass(frozen=True)
class Reads:
    """What joins the nodes -> what a node has read, from the fewest nodes to the most.

    `reason`: why no cluster could be started here, so that these are the model's figures.
    """

    found: Mapping[str, Sequence[Read]]
    reason: str | None = None

    def picture(self) -> Picture:
        """Draw what a node reads, and how much of it is for none of its members."""
        every = [(name, one) for name in NAMES for one in self.found[name]]
        with style.applied():
            canvas = style.canvas(1.7 + 0.32 * len(every))
            ax = canvas.subplots()
            for row, (_, one) in enumerate(every):
                ax.barh(row, one.concerned, 0.6, color="#0072B2")
                wasted, left = one.each - one.concerned, one.concerned
                ax.barh(row, wasted, 0.6, left=left, fc="#E69F00", ec=style.PAPER, hatch="//")
                text = f"{one.each:,.4g} read, {one.wasted:.0%} wasted"
                ax.annotate(text, (one.each, row), (5, 0), **style.BESIDE)
            names = [_row(NAMES[name], one, self.found[name][0]) for name, one in every]
            ax.set_yticks(range(len(every)), names)
            ax.set_ylim(len(every) - 0.4, -0.6)
            ax.set_xlim(0, 1.3 * max(one.each for _, one in every))
            ax.set_xlabel("messages that a node reads from Redis (hatched: wasted)")
            how = "the model's figures" if self.reason else "counted by the nodes"
            note = f"each node brings {ROOMS_EACH} rooms of 3; {MESSAGES} messages to each; {how}"
            style.frame(canvas, TITLE, note)
        return Picture(canvas)

    def counted(self) -> Prose:
        """Return a table of the shares of wasted reads, or say why nothing was counted."""
        heads = ["", *(f"{it.nodes}" for it in self.found[LIBRARY])]
        rows = [(name, [f"{one.wasted:.0%}" for one in self.found[name]]) for name in NAMES]
        english = table(["wasted reads; nodes:", *heads[1:]], [[NAMES[n], *row] for n, row in rows])
        korean = table(["낭비된 읽기, 노드:", *heads[1:]], [[NAMES_KO[n], *row] for n, row in rows])
        if self.reason is None:
            return Prose(english.markdown, korean.markdown)
        return Prose(
            f"No cluster can be started here: {self.reason}. These are the figures of the model, "
            f"which agrees with what real nodes count.\n\n{english.markdown}",
            f"여기서는 클러스터를 시작할 수 없습니다: {self.reason}. 아래는 모델의 값이고, 진짜 "
            f"노드가 센 값과 같습니다.\n\n{korean.markdown}",
        )

    def percent(self, name: str, nodes: int) -> float | None:
        """Return the share of wasted reads, in percent; None: not for so many nodes."""
        shares = (100 * one.wasted for one in self.found[name] if one.nodes == nodes)
        return next(shares, None)


async def count(nodes: Sequence[int]) -> Reads:
    """Count the reads of clusters that grow with their clients. Nothing is timed."""
    try:
        for name in NAMES:
            check(_plan(name, max(nodes)))
    except (ClusterError, UnavailableError) as error:
        return predicted(nodes, str(error))
    found = {
        name: [await read(_plan(name, each), ROOMS_EACH, MESSAGES) for each in nodes]
        for name in NAMES
    }
    return Reads(found)


def predicted(nodes: Sequence[int], reason: str) -> Reads:
    """Return what the model says that the nodes read."""
    return Reads(
        {
            LIBRARY: [_all(each) for each in nodes],
            JOINED: [_own_rooms(each) for each in nodes],
        },
        reason,
    )


def _plan(name: str, nodes: int) -> Plan:
    return Plan(name, nodes, measured=True, joined=name == JOINED)


def _all(nodes: int) -> Read:
    """Each node reads every message, and the first member of each room speaks."""
    rooms = spread(ROOMS_EACH, nodes).rooms
    concerned = MESSAGES * sum(_present(room) - 1 for room in rooms) / nodes
    return Read(nodes, float(MESSAGES * len(rooms)), concerned)


def _own_rooms(nodes: int) -> Read:
    """Each node reads the messages of the rooms in which it has members, its own too."""
    each = MESSAGES * sum(map(_present, spread(ROOMS_EACH, nodes).rooms)) / nodes
    return Read(nodes, each, each)


def _present(room: Sequence[int]) -> int:
    return sum(here > 0 for here in room)


def _row(name: str, one: Read, first: Read) -> str:
    """Name a bar: the first one of a group has the group's name too."""
    nodes = "1 node" if one.nodes == 1 else f"{one.nodes} nodes"
    return f"{name}, {nodes}" if one is first else nodes
