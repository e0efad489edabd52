"""The claim `guaranteed-delivery`: events sent on Socket.IO arrive once and in order."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any, Self

import socketio.exceptions

from lab.bilingual import Bilingual
from lab.chat.commands import Say
from lab.chat.events import Departed, Joined, Message, RoomEvent
from lab.claims._support.captured import captured_route
from lab.claims._support.claim import Claim, Finding, Verdict
from lab.claims._support.deliveries import Delivery, compare
from lab.claims._support.reconnecting_client import reconnecting_client
from lab.contract import Connection, ConnectOptions
from lab.interop.node import node_unavailable, run_node
from lab.load.tapped import Capture
from lab.measure.server import ServerProcess
from transports import registry

TRANSPORTS = ("socketio", "node-socketio")
MANY, FEW = 500, 10
LAST = "the last"
PATIENCE_S = 45.0

JAVASCRIPT = "socket.io, socket.io-client"
INTERRUPTED = Path(__file__).parent / "js" / "interrupted.mjs"
UNDISTURBED = Bilingual("on an undisturbed connection", "방해받지 않는 연결")
CUT = Bilingual("sent to a dead connection, then joined", "죽은 연결로 보낸 뒤 다시 입장")
CUT_RESUMED = Bilingual(
    "sent to a dead connection, then joined with `after`", "죽은 연결로 보낸 뒤 `after`로 다시 입장"
)
OFFLINE = Bilingual("emitted by a disconnected client", "연결이 끊긴 클라이언트가 보냄")
AGAIN = Bilingual("sent again without an answer, without a key", "응답을 못 받아 키 없이 다시 보냄")
AGAIN_KEYED = Bilingual(
    "sent again without an answer, with a key", "응답을 못 받아 키를 주고 다시 보냄"
)
AIDS: Mapping[str, tuple[Bilingual, bool]] = {
    "buffered": (OFFLINE, False),
    "away": (Bilingual("emitted to a client that is away", "없는 클라이언트에게 보냄"), False),
    "retried, request lost": (
        Bilingual("with `retries`, after a lost event", "`retries`, 이벤트를 잃은 뒤"),
        True,
    ),
    "retried, answer lost": (
        Bilingual("with `retries`, after a lost acknowledgement", "`retries`, 확인 응답을 잃은 뒤"),
        True,
    ),
    "away, recovery within its window": (
        Bilingual(
            "emitted to a client that is away, with `connectionStateRecovery` within its window",
            "없는 클라이언트에게 보냄, `connectionStateRecovery`, 정해진 시간 안",
        ),
        True,
    ),
    "away, recovery past its window": (
        Bilingual(
            "emitted to a client that is away, with `connectionStateRecovery` past its window",
            "없는 클라이언트에게 보냄, `connectionStateRecovery`, 정해진 시간이 지난 뒤",
        ),
        True,
    ),
    "away, recovery without an earlier event": (
        Bilingual(
            "emitted to a client that is away and has received no event before, with "
            "`connectionStateRecovery` within its window",
            "전에 이벤트를 받은 적이 없고 지금 없는 클라이언트에게 보냄, "
            "`connectionStateRecovery`, 정해진 시간 안",
        ),
        True,
    ),
}
"""Case of INTERRUPTED -> how the texts were sent, and whether an option of the library helped."""


def judge(deliveries: Iterable[Delivery]) -> Verdict:
    """Judge whether Socket.IO alone delivers each text once and in order, on which servers."""
    kept: dict[str, bool] = {}
    for it in deliveries:
        if not it.aided:
            kept[it.transport] = kept.get(it.transport, True) and it.exactly_once and it.in_order
    if all(kept.values()):
        return Verdict.HOLDS
    return Verdict.DEPENDS if any(kept.values()) else Verdict.DOES_NOT_HOLD


class Member:
    """A member of the room, with the texts it received and the members that it saw depart."""

    def __init__(self, room: str) -> None:
        self.connection: Connection
        self.texts: list[str] = []
        self.departed: list[str] = []
        self._room = room

    async def enter(self, server: ServerProcess, url: str, name: str) -> Self:
        """Connect and join. Raises RuntimeError where the join is refused."""
        transport = registry.load(server.transport)
        self.connection = await transport.connect(url, self._take, ConnectOptions())
        if not isinstance(reply := await self.connection.join(self._room, name), Joined):
            raise RuntimeError(f"{name} could not join: {reply}")
        return self

    def _take(self, event: RoomEvent) -> None:
        if isinstance(event, Message):
            self.texts.append(event.text)
        elif isinstance(event, Departed):
            self.departed.append(event.name)

    async def say(self, text: str, key: str | None = None) -> None:
        """Send a text, and do not wait for the reply."""
        await self.connection.send(Say(self.connection.next_id(), self._room, text, key))

    async def say_all(self, texts: Sequence[str]) -> None:
        """Send texts without a pause, and return when the room has delivered the last one."""
        for text in texts:
            await self.say(text)
        await until(lambda: texts[-1] in self.texts)


async def until(condition: Callable[[], Any]) -> None:
    """Wait until the condition is true; the caller sets the time limit."""
    while not condition():  # noqa: ASYNC110 - what is waited for happens in callbacks of a library
        await asyncio.sleep(0.002)


async def unbroken(server: ServerProcess) -> tuple[Delivery, Capture]:
    """Send texts in a row while no connection is disturbed."""
    how = UNDISTURBED
    async with captured_route(server.url, int(server.ready["port"])) as route:
        ben = await Member(how.english).enter(server, route.entrance, "ben")
        ann = await Member(how.english).enter(server, server.url, "ann")
        texts = [f"number {number}" for number in range(MANY)]
        await ann.say_all(texts)
        await until(lambda: texts[-1] in ben.texts)
        await asyncio.gather(ann.connection.close(), ben.connection.close())
        return compare(server.transport, how, False, texts, ben.texts), route.capture


async def cut(server: ServerProcess, resumes: bool) -> tuple[Delivery, Capture]:
    """Send texts while a member's connection is dead; its library reconnects and it joins again."""
    how = CUT_RESUMED if resumes else CUT
    async with (
        captured_route(server.url, int(server.ready["port"])) as route,
        reconnecting_client(route.entrance, how.english, resumes) as ben,
    ):
        ann = await Member(how.english).enter(server, server.url, "ann")
        texts = [f"number {number}" for number in range(FEW)]
        route.relay.stall()
        await ann.say_all(texts)
        route.relay.cut()
        route.relay.resume()
        await ben.joined.get()
        await ann.say_all([LAST])
        await until(lambda: LAST in ben.heard)
        await ann.connection.close()
        return compare(server.transport, how, resumes, [*texts, LAST], ben.heard), route.capture


async def offline(server: ServerProcess) -> tuple[Delivery, Capture]:
    """Emit texts with Python's client while it is disconnected; then it reconnects."""
    how = OFFLINE
    async with (
        captured_route(server.url, int(server.ready["port"])) as route,
        reconnecting_client(route.entrance, how.english, False) as ben,
    ):
        ann = await Member(how.english).enter(server, server.url, "ann")
        texts = [f"number {number}" for number in range(FEW)]
        route.relay.stall()  # the client reconnects, and gets no answer before `resume`
        route.relay.cut()
        await until(lambda: not ben.client.connected)
        refused = [text for text in texts if not await _emit(ben.client, how.english, text)]
        route.relay.resume()
        await ben.joined.get()
        await _emit(ben.client, how.english, LAST)
        await until(lambda: LAST in ann.texts)
        await ann.connection.close()
        sent = [*texts, LAST]
        return compare(server.transport, how, False, sent, ann.texts, len(refused)), route.capture


async def _emit(client: socketio.AsyncClient, room: str, text: str) -> bool:
    """Emit a text; return whether the client took it."""
    try:
        await client.emit("say", {"room": room, "text": text})
    except socketio.exceptions.BadNamespaceError:
        return False
    return True


async def interrupted() -> list[Delivery]:
    """Interrupt a JavaScript client's connection to a server in Node, with and without options."""
    lines = (await run_node(INTERRUPTED, timeout_s=PATIENCE_S)).lines
    return [compare(JAVASCRIPT, *AIDS[it["case"]], it["sent"], it["heard"]) for it in lines]


async def repeated(server: ServerProcess, keyed: bool) -> tuple[Delivery, Capture]:
    """Send a text again, because its acknowledgement was lost with the connection."""
    how = AGAIN_KEYED if keyed else AGAIN
    key = "a key" if keyed else None
    texts = ["the text", LAST]
    async with captured_route(server.url, int(server.ready["port"])) as route:
        ben = await Member(how.english).enter(server, server.url, "ben")
        ann = await Member(how.english).enter(server, route.entrance, "ann")
        route.relay.stall("down")
        await ann.say(texts[0], key)
        await until(lambda: texts[0] in ben.texts)
        route.relay.cut()
        route.relay.resume()
        await until(lambda: "ann" in ben.departed)
        again = await Member(how.english).enter(server, route.entrance, "ann")
        await again.say(texts[0], key)
        await again.say(LAST)
        await until(lambda: LAST in ben.texts)
        await asyncio.gather(*(it.connection.close() for it in (ann, again, ben)))
        return compare(server.transport, how, keyed, texts, ben.texts), route.capture


async def test() -> Finding:
    """Disturb the connections of a room, in Python and in Node, and count the received texts."""
    found = []
    for transport in TRANSPORTS:
        if transport in registry.TRANSPORTS and registry.unavailable(transport) is None:
            with ServerProcess(transport) as server:
                async with asyncio.timeout(PATIENCE_S):
                    found.append(await unbroken(server))
                    found += [await cut(server, resumes) for resumes in (False, True)]
                    found.append(await offline(server))
                    found += [await repeated(server, keyed) for keyed in (False, True)]
    deliveries = [delivery for delivery, _ in found]
    if node_unavailable() is None:
        deliveries += await interrupted()
    captures = {f"{it.transport}, {it.how.english}": capture for it, capture in found}
    alone = [it for it in deliveries if not it.aided]
    in_short = IN_SHORT.fill(
        missed=sum(it.missed for it in alone),
        doubled=sum(it.doubled for it in alone),
        sent=sum(it.sent for it in alone),
        aided=sum(not it.exactly_once for it in deliveries if it.aided),
        aids=sum(it.aided for it in deliveries),
    )
    return Finding(judge(deliveries), in_short, tuple(map(_describe, deliveries)), captures)


IN_SHORT = Bilingual(
    "By default {missed} of {sent} texts were missed and {doubled} doubled; with an option or the "
    "room's help, {aided} of {aids} tries still were not exactly once.",
    "기본 설정에서 메시지 {sent}개 중 {missed}개가 누락되고 {doubled}개가 중복되었습니다. "
    "옵션이나 방의 도움을 받아도 {aids}번 중 {aided}번은 정확히 한 번이 아니었습니다.",
)
SEEN = Bilingual(
    "{transport}, {how}: {sent} texts, {refused}{missed} missed, {doubled} doubled, {order}.",
    "{transport}, {how}: 메시지 {sent}개, {refused}누락 {missed}개, 중복 {doubled}개, {order}.",
)
REFUSED = Bilingual("{refused} refused with an error, ", "오류로 거절 {refused}개, ")
IN_ORDER = Bilingual("in order", "순서 유지")
OUT_OF_ORDER = Bilingual("out of order", "순서 뒤바뀜")


def _describe(it: Delivery) -> Bilingual:
    return SEEN.fill(
        transport=it.transport,
        how=it.how,
        sent=it.sent,
        refused=REFUSED.fill(refused=it.refused) if it.refused else "",
        missed=it.missed,
        doubled=it.doubled,
        order=IN_ORDER if it.in_order else OUT_OF_ORDER,
    )


CLAIM = Claim(
    name="guaranteed-delivery",
    said=Bilingual(
        "Socket.IO guarantees delivery: every event arrives, once and in order.",
        "Socket.IO는 메시지 전달을 보장합니다. 보낸 이벤트는 빠짐없이, 한 번만, 순서대로 "
        "도착합니다.",
    ),
    experiment=Bilingual(
        "Texts are sent over an undisturbed connection, by and to a client whose connection is "
        "cut, and again after a lost acknowledgement. In JavaScript this is repeated with "
        "`retries` and with `connectionStateRecovery`. The lab compares the received texts with "
        "the sent ones.",
        "방해받지 않는 연결로, 끊어진 클라이언트에게서 또 클라이언트에게로, 그리고 확인 응답을 "
        "잃은 뒤에 다시 메시지를 보냅니다. JavaScript에서는 `retries`와 "
        "`connectionStateRecovery`도 켜고 시험합니다. 받은 메시지를 보낸 메시지와 비교합니다.",
    ),
    verdict=Verdict.DOES_NOT_HOLD,
    because=Bilingual(
        "TCP keeps the order, but by default delivery is at most once, and it differs by "
        "direction. What the JavaScript client emits while disconnected is buffered and sent on "
        "reconnect, and Python's client raises an error; what the server emits to an absent "
        "client is lost. With `retries` the JavaScript client repeats an event until it is "
        "acknowledged, so the event may arrive twice. With `connectionStateRecovery` a server in "
        "Node sends what a client missed, but only within the window and if the client had "
        "received an event before. Delivery becomes exactly once where the application numbers "
        "its events, resumes after the last one, and gives each text a key, as this room does.",
        "TCP가 순서를 지켜 주지만, 기본 전달은 최대 한 번이고 방향에 따라 다릅니다. 연결이 끊긴 "
        "동안 JavaScript 클라이언트가 보낸 것은 쌓였다가 다시 연결되면 전송되고 Python "
        "클라이언트는 오류를 냅니다. 서버가 없는 클라이언트에게 보낸 것은 사라집니다. `retries`를 "
        "켜면 JavaScript 클라이언트는 확인될 때까지 다시 보내므로 두 번 도착할 수 있습니다. "
        "`connectionStateRecovery`를 켜면 Node 서버가 놓친 것을 보내 주지만, 정해진 시간 안이고 "
        "클라이언트가 전에 이벤트를 받은 적이 있을 때만 그렇습니다. 정확히 한 번은 이 방처럼 "
        "애플리케이션이 이벤트에 번호를 매기고, 마지막으로 받은 것 다음부터 이어받고, 메시지마다 "
        "키를 줄 때 됩니다.",
    ),
    test=test,
    common_belief=True,
)
