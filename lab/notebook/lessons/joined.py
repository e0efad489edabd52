"""A part of 15_many_nodes: two nodes share a room, and one of them is killed."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from lab.chat.events import Arrived, Departed, Joined, LoggedEvent, Message, RoomEvent, Said
from lab.cluster.cluster import Cluster, Plan, check, running_cluster
from lab.cluster.programs import ClusterError
from lab.contract import Connection, ConnectOptions
from lab.notebook.prose import Prose, table
from transports import registry
from transports.registry import UnavailableError

TRANSPORT = "websocket"
ROOM = "lobby"
PATIENCE_S = 60.0


@dataclass
class Member:
    """A client: the events that it got, and the node at which it got each."""

    name: str
    node: int
    got: list[tuple[int, LoggedEvent]] = field(default_factory=list)
    _news: asyncio.Event = field(default_factory=asyncio.Event)

    def hear(self, event: RoomEvent) -> None:
        """Keep an event that has a place in the room's order."""
        if isinstance(event, LoggedEvent):
            self.got.append((self.node, event))
            self._news.set()

    async def until(self, holds: Callable[[LoggedEvent], bool]) -> None:
        """Return when it has got such an event.

        Raises:
            TimeoutError: it has not, within `PATIENCE_S`.
        """
        async with asyncio.timeout(PATIENCE_S):
            while not any(holds(event) for _, event in self.got):
                self._news.clear()
                await self._news.wait()

    def nodes_of(self, seq: int) -> list[int]:
        """Return the nodes at which it got the event with this number."""
        return [node for node, event in self.got if event.seq == seq]


@dataclass(frozen=True)
class Shared:
    """What both members got. `acknowledged`: the numbers of the texts that had a reply.

    `again`: the numbers of one text in its two replies, at two nodes. `reason`: why nothing ran.
    """

    members: tuple[Member, ...]
    acknowledged: tuple[int, ...]
    again: tuple[int, int] | None = None
    reason: str | None = None

    def shown(self) -> Prose:
        """Return the room's log, and at which node each member got it."""
        if self.reason is not None:
            return Prose(
                f"No cluster can be started here: {self.reason}. The lab's tests kill a node of "
                "three: its members depart once, and no acknowledged text is lost.",
                f"여기서는 클러스터를 시작할 수 없습니다: {self.reason}. 실험실의 테스트가 노드 셋 "
                "가운데 하나를 강제로 끝냅니다. 그 멤버는 한 번 떠나고, 응답을 받은 글은 사라지지 "
                "않습니다.",
            )
        names = [member.name for member in self.members]
        rows = [
            [seq, f"`{_named(event)}`", *(_at(member, seq) for member in self.members)]
            for seq, event in sorted(self._log().items())
        ]
        heads = ["seq", "event", *(f"{name} got it at node" for name in names)]
        korean = ["seq", "이벤트", *(f"{name}이 받은 노드" for name in names)]
        return table(heads, rows, korean)

    def answer(self) -> Prose:
        """Count what is lost, what is doubled, and how often a member departed."""
        if self.reason is not None:
            return Prose("Nothing was counted here.", "여기서는 세지 않았습니다.")
        counts = [[len(it.nodes_of(seq)) for it in self.members] for seq in self.acknowledged]
        lost, doubled = (sum(test(each) for each in counts) for test in (_is_lost, _is_doubled))
        departed = self.departures()
        assert self.again is not None
        said, again = self.again
        return Prose(
            f"Of **{len(counts)}** acknowledged texts **{lost}** are lost, and **{doubled}** came "
            f"twice. Departures of the killed node's member: **{departed}**. The text that was "
            f"said again at the other node, with its key, was number {said} and is number {again}.",
            f"응답을 받은 글 **{len(counts)}**개 가운데 사라진 것은 **{lost}**개, 두 번 온 것은 "
            f"**{doubled}**개입니다. 강제로 끝난 노드의 멤버가 떠난 횟수는 **{departed}**번입니다. "
            f"다른 노드에서 같은 키로 다시 보낸 글의 번호: 처음 {said}, 다시 보낸 뒤 {again}.",
        )

    def departures(self) -> int | None:
        """Return how many departures the room's log has; None: nothing ran."""
        if self.reason is not None:
            return None
        return sum(isinstance(event, Departed) for event in self._log().values())

    def _log(self) -> dict[int, LoggedEvent]:
        return {event.seq: event for member in self.members for _, event in member.got}


async def kill_a_node(texts: int) -> Shared:
    """Let two members speak at two nodes, kill one node, and let its member come back at the other.

    `texts`: of each member. It takes as long as the killed node's lease.
    """
    plan = Plan(TRANSPORT, 2, joined=True)
    try:
        check(plan)
    except (ClusterError, UnavailableError) as error:
        return Shared((), (), reason=str(error))
    async with running_cluster(plan) as cluster:
        return await _kill(cluster, texts)


async def _kill(cluster: Cluster, texts: int) -> Shared:
    ann, bob = Member("ann", 1), Member("bob", 2)
    at_one, at_two = await _connect(cluster, ann), await _connect(cluster, bob)
    joined = [await _join(at_one, ann), await _join(at_two, bob)]
    numbers = range(1, texts + 1)
    said = await asyncio.gather(
        *(
            _say(at, f"{name} {it}")
            for it in numbers
            for at, name in ((at_one, "ann"), (at_two, "bob"))
        )
    )
    last = max(said)
    await asyncio.gather(*(it.until(lambda event: event.seq == last) for it in (ann, bob)))
    cluster.nodes[1].kill()
    await asyncio.shield(at_two.closed)
    said.append(await _say(at_one, "bob?"))
    await ann.until(lambda event: isinstance(event, Departed))
    bob.node = 1
    back = await _connect(cluster, bob)
    await _join(back, bob, after=last, epoch=joined[1].epoch)
    again = await _say(back, f"bob {texts}")
    said.append(closing := await _say(back, "here I am"))
    await asyncio.gather(*(it.until(lambda event: event.seq == closing) for it in (ann, bob)))
    await asyncio.gather(at_one.close(), back.close())
    return Shared((ann, bob), tuple(said), (said[2 * texts - 1], again))


async def _connect(cluster: Cluster, member: Member) -> Connection:
    transport = registry.load(TRANSPORT)
    url = cluster.nodes[member.node - 1].ready.url
    return await transport.connect(url, member.hear, ConnectOptions(timeout_s=PATIENCE_S))


async def _join(
    connection: Connection, member: Member, after: int | None = None, epoch: str | None = None
) -> Joined:
    joined = await connection.join(ROOM, member.name, after=after, epoch=epoch)
    assert isinstance(joined, Joined)
    return joined


async def _say(connection: Connection, text: str) -> int:
    """Say a text under itself as the key; its number."""
    said = await connection.say(ROOM, text, key=text)
    assert isinstance(said, Said)
    return said.seq


def _is_lost(counts: Sequence[int]) -> bool:
    return 0 in counts


def _is_doubled(counts: Sequence[int]) -> bool:
    return max(counts) > 1


def _at(member: Member, seq: int) -> str:
    return ", ".join(map(str, member.nodes_of(seq))) or "–"


def _named(event: LoggedEvent) -> str:
    match event:
        case Arrived(name=name):
            return f"arrived {name}"
        case Departed(name=name, why=why):
            return f"departed {name}: {why}"
        case Message(name=name, text=text):
            return f"message {name}: {text}"
