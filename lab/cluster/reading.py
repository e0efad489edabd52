"""Counts what nodes read from the backplane while a member of each room speaks."""

from __future__ import annotations

import msgspec

from lab.cluster.cluster import Plan, running_cluster
from lab.cluster.costs import MEMBERS, quiet, reads, say, speakers
from lab.cluster.model import Placement, placed

SEED = 0


class Read(msgspec.Struct, frozen=True):
    """What a node has read on average: messages, and how many of them concerned a member there."""

    nodes: int
    each: float
    concerned: float

    @property
    def wasted(self) -> float:
        """The share of what it has read that concerned no member there."""
        return 1 - self.concerned / self.each


def spread(rooms_each: int, nodes: int) -> Placement:
    """Place rooms of `MEMBERS` on nodes at random: with every node come so many rooms."""
    return placed(rooms_each * nodes, MEMBERS, nodes, SEED)


async def read(plan: Plan, rooms_each: int, messages: int) -> Read:
    """Start the nodes, say so many messages to each room, and count what the nodes read meanwhile.

    Raises:
        ClusterError: a part of the cluster is missing, or does not start.
    """
    where = [
        (node, f"room {number}")
        for number, room in enumerate(spread(rooms_each, plan.nodes).rooms)
        for node, here in enumerate(room)
        for _ in range(here)
    ]
    async with running_cluster(plan) as cluster, speakers(cluster, where) as found:
        await quiet(cluster)
        before = await reads(cluster)
        for speaker, (_, room) in list(zip(found, where, strict=True))[::MEMBERS]:
            await say(speaker.connection, room, messages)
        await quiet(cluster)
        after = await reads(cluster)
    each, _, concerned = (
        (sum(it[place] for it in after) - sum(it[place] for it in before)) / plan.nodes
        for place in range(3)
    )
    return Read(plan.nodes, each, concerned)
