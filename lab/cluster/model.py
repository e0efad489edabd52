"""Predicts what nodes read in vain, and what it costs them, from costs measured on two nodes.

A mixture of rooms costs more than the sum of its parts, which are measured one at a time: rooms
that take turns give a node fewer messages each time that it wakes up. By how many times is measured
on two and four nodes, see `costs`, and used for more.

The backplane gives every message to every node, as all transports of `registry.JOINED` do. Members
are placed at random, by a seed.
"""

from __future__ import annotations

import random
from dataclasses import dataclass

__pure__ = True

CALIBRATED = (2, 4)
"""On so many nodes it is measured what a mixture of rooms costs, by the sum of its parts."""


@dataclass(frozen=True)
class Costs:
    """CPU time of one node for one message, in microseconds.

    `said`: of its own member, to a room with that member alone. `foreign`: of another node, for a
    room without a member here. `concerned`: of another node, with one member here. `more`: for
    each further member here.
    """

    said: float
    foreign: float
    concerned: float
    more: float


@dataclass(frozen=True)
class Placement:
    """Who is where: for each room, how many of its members each node has."""

    rooms: tuple[tuple[int, ...], ...]

    @property
    def nodes(self) -> int:
        """How many nodes there are."""
        return len(self.rooms[0])

    def wasted(self) -> float:
        """The share of a node's reads that concern none of its members.

        Every member speaks as often as every other one. A node reads its own messages too, and
        gives them to its members without the backplane: these reads are wasted as well.
        """
        reads = self.nodes * sum(map(sum, self.rooms))
        return 1 - sum(map(_concerned, self.rooms)) / reads

    def cpu_us(self, costs: Costs) -> float:
        """The CPU time of a node for one message of any member of any room, on average."""
        spoken = sum(map(sum, self.rooms))
        return sum(_cpu_us(room, costs) for room in self.rooms) / spoken / self.nodes


def _concerned(room: tuple[int, ...]) -> int:
    """Of the reads when each member speaks once: how many are by a node with another's member."""
    return sum(room) * sum(here > 0 for here in room) - sum(room)


def _cpu_us(room: tuple[int, ...], costs: Costs) -> float:
    """The CPU time of all nodes when each member of a room speaks once."""
    return sum(spoken * _one_us(room, at, costs) for at, spoken in enumerate(room) if spoken)


def _one_us(room: tuple[int, ...], at: int, costs: Costs) -> float:
    total = 0.0
    for node, here in enumerate(room):
        if node == at:
            total += costs.said + (here - 1) * costs.more
        elif here:
            total += costs.concerned + (here - 1) * costs.more
        else:
            total += costs.foreign
    return total


def placed(rooms: int, members: int, nodes: int, seed: int) -> Placement:
    """Place the members of some rooms of equal size on nodes at random."""
    drawn = random.Random(seed)
    found = []
    for _ in range(rooms):
        at = [drawn.randrange(nodes) for _ in range(members)]
        found.append(tuple(at.count(node) for node in range(nodes)))
    return Placement(tuple(found))
