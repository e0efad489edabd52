"""The claim `recovers-missed`: Socket.IO recovers missed messages."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path

from lab.bilingual import Bilingual
from lab.chat.events import Joined
from lab.claims._support.captured import captured_route
from lab.claims._support.claim import Claim, Finding, NotTestable, Verdict, needs, verdict_of
from lab.claims._support.deliveries import Delivery, compare
from lab.claims._support.listener import Listener
from lab.claims.guaranteed_delivery import until
from lab.cluster.cluster import Plan, check, running_cluster
from lab.cluster.programs import ClusterError, scratch_folder
from lab.cluster.redis import redis_server
from lab.contract import Connection, ConnectOptions
from lab.interop.node import node_unavailable, run_node
from lab.measure.server import ServerProcess
from transports import registry
from transports.registry import UnavailableError

RECOVERED = Path(__file__).parent / "js" / "recovered.mjs"
ADAPTERS = ("node-socketio-redis-adapter", "node-socketio-redis-streams")
ROOMS = ("websocket", "socketio")
"""Transports on which the lab's own room is tried, on two servers that share its journal."""
NODES = 2
FEW = 10
LAST = "the last"
PATIENCE_S = 45.0

MEMORY, PUBSUB, STREAMS = (
    "socket.io",
    "@socket.io/redis-adapter",
    "@socket.io/redis-streams-adapter",
)
CASES: Mapping[str, tuple[str, Bilingual, bool]] = {
    "off, cut": (MEMORY, Bilingual("by default, after a cut", "기본값, 끊긴 뒤"), False),
    "memory, cut": (
        MEMORY,
        Bilingual("recovery in memory, after a cut", "메모리로 복구, 끊긴 뒤"),
        True,
    ),
    "memory, unnoticed": (
        MEMORY,
        Bilingual(
            "recovery in memory, after a cut that the server has not noticed",
            "메모리로 복구, 서버가 모르게 끊긴 뒤",
        ),
        True,
    ),
    "memory, restarted": (
        MEMORY,
        Bilingual(
            "recovery in memory, after a cut and a restart of the server",
            "메모리로 복구, 끊기고 서버가 다시 시작한 뒤",
        ),
        True,
    ),
    "pubsub, cut": (
        PUBSUB,
        Bilingual("recovery on, after a cut", "복구를 켬, 끊긴 뒤"),
        True,
    ),
    "streams, moved": (
        STREAMS,
        Bilingual(
            "recovery on, after a cut, back at another server",
            "복구를 켬, 끊긴 뒤 다른 서버로 돌아옴",
        ),
        True,
    ),
    "streams, killed": (
        STREAMS,
        Bilingual(
            "recovery on, after its server was killed, back at another server",
            "복구를 켬, 서버가 강제 종료된 뒤 다른 서버로 돌아옴",
        ),
        True,
    ),
    "python, cut": (
        "python-socketio",
        Bilingual("no such option, after a cut", "이 옵션이 없음, 끊긴 뒤"),
        False,
    ),
}
"""Case of RECOVERED -> the library, how the client was cut off, and whether recovery was on."""
MOVED = Bilingual(
    "the lab's room with `after`, after a cut, back at another server",
    "실험실의 방과 `after`, 끊긴 뒤 다른 서버로 돌아옴",
)
KILLED = Bilingual(
    "the lab's room with `after`, after its server was killed, back at another server",
    "실험실의 방과 `after`, 서버가 강제 종료된 뒤 다른 서버로 돌아옴",
)


def judge(deliveries: Iterable[Delivery]) -> Verdict:
    """Judge whether Socket.IO recovers every missed text in all cases, in some, or in none."""
    return verdict_of(not it.missed for it in deliveries)


async def test() -> Finding:
    """Say texts while a client is away, on Socket.IO's servers and in the lab's own room."""
    try:
        for plan in (*map(_alone, ADAPTERS), *map(_joined, ROOMS)):
            check(plan)
    except (ClusterError, UnavailableError) as error:
        raise NotTestable(str(error)) from error
    needs(node_unavailable())
    async with asyncio.timeout(PATIENCE_S):
        library, *rooms = await asyncio.gather(recovered(), *map(resumed, ROOMS))
    resumes = [it for each in rooms for it in each]
    evidence = map(_describe, [*library, *resumes])
    return Finding(judge(library), in_short(library, resumes), tuple(evidence))


def _alone(transport: str) -> Plan:
    return Plan(transport, NODES)


def _joined(transport: str) -> Plan:
    return Plan(transport, NODES, joined=True)


async def recovered() -> list[Delivery]:
    """Cut the JavaScript client off from servers in Node, and from one on python-socketio."""
    with scratch_folder() as folder, ServerProcess("socketio") as python:
        async with redis_server(folder) as redis:
            port = str(python.ready["port"])
            result = await run_node(RECOVERED, port, redis.url, timeout_s=PATIENCE_S)
    return [compare(*CASES[it["case"]], it["sent"], it["heard"]) for it in result.lines]


async def resumed(transport: str) -> list[Delivery]:
    """Cut members of the lab's room off from one of two servers, and resume at the other."""
    async with running_cluster(_joined(transport)) as cluster:
        first, last = cluster.nodes
        async with captured_route(first.ready.url, first.ready.port) as route:
            urls = route.entrance, last.ready.url
            cut = await _missed(transport, "cut", urls, route.relay.cut)
            killed = await _missed(transport, "killed", urls, first.kill)
    texts = _texts()
    return [
        compare(transport, MOVED, True, texts, cut),
        compare(transport, KILLED, True, texts, killed),
    ]


async def _missed(
    transport: str, room: str, urls: tuple[str, str], cut_off: Callable[[], object]
) -> list[str]:
    """Join at one URL, lose that connection, and resume at the other, where the texts are said.

    Returns those of them that came.
    """
    (near, far), heard = urls, Listener()
    ann = await _connect(transport, far, Listener())
    await _join(ann, room, "ann")
    ben = await _connect(transport, near, Listener())
    seen = await _join(ben, room, "ben")
    cut_off()
    for text in _texts():
        await ann.say(room, text)
    again = await _connect(transport, far, heard)
    await _join(again, room, "ben again", seen)
    await ann.say(room, LAST)
    await until(lambda: (room, LAST) in heard.heard)
    await asyncio.gather(*(each.close() for each in (ann, ben, again)))
    return [text for _, text in heard.heard if text != LAST]


def _texts() -> list[str]:
    return [f"number {number}" for number in range(FEW)]


async def _connect(transport: str, url: str, listener: Listener) -> Connection:
    return await registry.load(transport).connect(url, listener, ConnectOptions())


async def _join(connection: Connection, room: str, name: str, seen: Joined | None = None) -> Joined:
    """Join, and resume after what an earlier member has seen. Raises RuntimeError if refused."""
    resume = () if seen is None else (seen.seq, seen.epoch)
    reply = await connection.join(room, name, *resume)
    if not isinstance(reply, Joined):
        raise RuntimeError(f"{name} could not join: {reply}")
    return reply


def in_short(library: Sequence[Delivery], rooms: Sequence[Delivery]) -> Bilingual:
    """How many texts were missed by default, with recovery, and in the lab's room."""
    default, *_ = library
    aided = [it for it in library if it.aided]
    return IN_SHORT.fill(
        missed=default.missed,
        sent=default.sent,
        failed=sum(it.missed > 0 for it in aided),
        tries=len(aided),
        room=sum(it.missed for it in rooms),
        said=sum(it.sent for it in rooms),
    )


IN_SHORT = Bilingual(
    "By default {missed} of {sent} texts were missed; with recovery on, some were missed in "
    "{failed} of {tries} cases; with `after` in the lab's room, {room} of {said}.",
    "기본값에서 메시지 {sent}개 중 {missed}개를 놓쳤습니다. 복구를 켜면 {tries}번 중 {failed}번 "
    "놓친 것이 있었고, 실험실의 방에서 `after`를 쓰면 {said}개 중 {room}개를 놓쳤습니다.",
)
SEEN = Bilingual(
    "{transport}, {how}: {missed} of {sent} texts were missed.",
    "{transport}, {how}: 메시지 {sent}개 중 {missed}개를 놓쳤습니다.",
)


def _describe(it: Delivery) -> Bilingual:
    return SEEN.fill(transport=it.transport, how=it.how, missed=it.missed, sent=it.sent)


CLAIM = Claim(
    name="recovers-missed",
    said=Bilingual(
        "Socket.IO recovers missed messages.",
        "Socket.IO는 놓친 메시지를 복구합니다.",
    ),
    experiment=Bilingual(
        "The JavaScript client is cut off from Socket.IO servers in Node and Python, with "
        "`connectionStateRecovery` off and on, and with two adapters for Redis. Ten texts are "
        "said while it is away; then it comes back to the same, a restarted or another server. "
        "The lab counts what the client missed, and repeats this in its own room with `after`.",
        "Node와 Python의 Socket.IO 서버에서 JavaScript 클라이언트를 끊습니다. "
        "`connectionStateRecovery`를 끄고 켜며, Redis 어댑터 두 가지도 시험합니다. 클라이언트가 "
        "없는 동안 메시지를 열 개 보내고, 클라이언트는 같은 서버나 다시 시작한 서버, 다른 서버로 "
        "돌아옵니다. 놓친 메시지를 세고, 실험실의 방에서도 `after`로 되풀이합니다.",
    ),
    verdict=Verdict.DEPENDS,
    because=Bilingual(
        "By default a server sends only to clients that are connected, and keeps nothing, so an "
        "absent client misses everything. With `connectionStateRecovery` a server in Node sends "
        "what was missed, but only if it had noticed that the client was gone. What it keeps in "
        "memory ends with its process; the Redis adapter with publish and subscribe keeps nothing, "
        "without a warning, and python-socketio has no such option. The adapter with a stream "
        "recovers at another server too, but a killed server has saved no session. In the lab's "
        "room the client says which event it has seen last, and any server with the same journal "
        "sends the rest.",
        "기본값에서 서버는 연결된 클라이언트에게만 보내고 아무것도 보관하지 않으므로, 없는 "
        "클라이언트는 모두 놓칩니다. `connectionStateRecovery`를 켜면 Node 서버가 놓친 것을 보내 "
        "주지만, 클라이언트가 떠난 것을 서버가 알아차렸을 때만 그렇습니다. 메모리에 보관한 것은 "
        "프로세스와 함께 사라지고, 발행·구독을 쓰는 Redis 어댑터는 경고도 없이 아무것도 보관하지 "
        "않으며, python-socketio에는 이 옵션이 없습니다. 스트림을 쓰는 어댑터는 다른 서버에서도 "
        "복구하지만, 강제 종료된 서버는 세션을 저장하지 못합니다. 실험실의 방에서는 클라이언트가 "
        "마지막으로 본 이벤트를 말하고, 같은 저널을 쓰는 서버라면 어느 것이든 그다음부터 보내 "
        "줍니다.",
    ),
    test=test,
    common_belief=True,
)
