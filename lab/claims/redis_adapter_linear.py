"""The claim `redis-adapter-linear`: the Redis adapter scales Socket.IO linearly."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Sequence

import msgspec

from lab.bilingual import Bilingual
from lab.claims._support.claim import Claim, Finding, NotTestable, Verdict, verdict_of
from lab.cluster.cluster import Plan, check
from lab.cluster.programs import ClusterError
from lab.cluster.reading import Read, read
from transports.registry import UnavailableError

ADAPTERS = ("node-socketio-redis-adapter", "node-socketio-redis-streams")
NODES = (1, 2, 4)
ROOMS_EACH = 4
"""With every node come so many rooms, and their members."""
MESSAGES = 10
"""To each room."""
ALMOST = 1.25
"""A node may read so many times what the only node reads, and still be called linear."""


class Scaled(msgspec.Struct, frozen=True):
    """What the nodes of one adapter have read, from one node to the most."""

    adapter: str
    found: tuple[Read, ...]

    @property
    def is_linear(self) -> bool:
        """Whether a node reads no more when nodes are added with clients of their own."""
        return self.found[-1].each <= ALMOST * self.found[0].each


def judge(found: Iterable[Scaled]) -> Verdict:
    """Judge whether a node's work stays the same with each adapter."""
    return verdict_of(each.is_linear for each in found)


async def test() -> Finding:
    """Count what each node reads in clusters that grow with their clients."""
    try:
        for adapter in ADAPTERS:
            check(Plan(adapter, max(NODES)))
    except (ClusterError, UnavailableError) as error:
        raise NotTestable(str(error)) from error
    found = await asyncio.gather(*map(_scaled, ADAPTERS))
    return Finding(judge(found), in_short(found), tuple(map(_describe, found)))


async def _scaled(adapter: str) -> Scaled:
    return Scaled(
        adapter, tuple([await read(Plan(adapter, nodes), ROOMS_EACH, MESSAGES) for nodes in NODES])
    )


def in_short(found: Sequence[Scaled]) -> Bilingual:
    """How much more a node of the largest cluster reads than the only node."""
    more = max(each.found[-1].each / each.found[0].each for each in found)
    return IN_SHORT.fill(nodes=max(NODES), more=f"{more:.3g}")


IN_SHORT = Bilingual(
    "Each of {nodes} nodes read {more} times as many messages as one node, with as many clients "
    "at each node.",
    "노드마다 클라이언트 수가 같아도, 노드 {nodes}개일 때 각 노드는 노드 하나일 때의 {more}배의 "
    "메시지를 읽었습니다.",
)
SEEN = Bilingual(
    "{adapter}: a node of {nodes} read {read} messages, of which {concerned} had a member there.",
    "{adapter}: 노드가 {nodes}개일 때 각 노드는 메시지를 {read}개 읽었고, 그중 {concerned}개만 "
    "그 노드의 멤버에게 갔습니다.",
)


def _describe(each: Scaled) -> Bilingual:
    def joined(values: Iterable[float]) -> str:
        return ", ".join(f"{value:.3g}" for value in values)

    return SEEN.fill(
        adapter=each.adapter,
        nodes=joined(it.nodes for it in each.found),
        read=joined(it.each for it in each.found),
        concerned=joined(it.concerned for it in each.found),
    )


CLAIM = Claim(
    name="redis-adapter-linear",
    said=Bilingual(
        "The Redis adapter scales Socket.IO linearly.",
        "Redis 어댑터를 쓰면 Socket.IO가 선형으로 확장됩니다.",
    ),
    experiment=Bilingual(
        "One, two and four Socket.IO servers in Node are joined by the adapter with Redis's "
        "publish and subscribe, and by the one with a stream. With each server come four rooms of "
        "three, whose members connect at random. One member of each room says ten messages, and "
        "the lab counts what each server reads from Redis.",
        "Node의 Socket.IO 서버 한 대, 두 대, 네 대를 Redis의 발행·구독을 쓰는 어댑터와 스트림을 "
        "쓰는 어댑터로 잇습니다. 서버가 한 대 늘 때마다 멤버가 셋인 방이 네 개 늘고, 멤버는 "
        "무작위로 연결합니다. 방마다 멤버 하나가 메시지를 열 개 보내고, 서버마다 Redis에서 읽은 "
        "메시지를 셉니다.",
    ),
    verdict=Verdict.DOES_NOT_HOLD,
    because=Bilingual(
        "Each server reads every message of all servers, also those for which it has no member, "
        "and its own. So its work grows with the whole cluster and not with its clients, and one "
        "more server adds less than the one before. Linear is what a server is that reads only "
        "the rooms of its members.",
        "각 서버는 다른 모든 서버의 메시지를, 받을 멤버가 없는 것과 자기가 보낸 것까지 모두 "
        "읽습니다. 그래서 서버의 일은 자기 클라이언트가 아니라 클러스터 전체와 함께 늘고, 서버를 "
        "한 대 더할 때마다 얻는 것이 줄어듭니다. 자기 멤버의 방만 읽는 서버라야 선형으로 "
        "확장됩니다.",
    ),
    test=test,
    common_belief=True,
)
