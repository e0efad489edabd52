"""The lesson of 07_protocol_or_library: the parts of what one delivery costs the server."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import AsyncExitStack
from dataclasses import dataclass
from functools import cached_property

from lab.chat.limits import UNPACED
from lab.chat.rooms import Rooms
from lab.load.chat_alone import ChatAlone
from lab.load.raw import RawRoom
from lab.load.texts import incompressible
from lab.measure.decomposition import Gap, Measured, Parts, gap, mean, take_apart
from lab.notebook.guess import Expected
from lab.notebook.pictures import Picture
from lab.notebook.prose import Prose, table
from lab.notebook.served_transport import ServedTransport, served
from lab.report.pictures import decomposition
from lab.service import ChatService
from transports import registry

MESSAGES = {1: 30, 16: 64}
"""Messages in flight -> messages in each round."""

ROOM_OF_THREE = Expected(
    100 / 3,
    "The room works once a message. How many deliveries share that in each room?",
    "방은 메시지마다 한 번 일합니다. 그 일을 나누는 전달이 두 방에서 각각 몇 건입니까?",
)
ONE_PROTOCOL = Expected(
    "library",
    "Which bytes differ between the two?",
    "두 전송 방식이 보내는 바이트 가운데 다른 것이 있습니까?",
)

Costs = Mapping[tuple[str, int], Sequence[float]]
"""(transport, messages in flight) -> server CPU a delivery in ns, for each round."""


@dataclass(frozen=True)
class Apart:
    """The cost of each transport's delivery, and what the room alone costs."""

    transports: Sequence[str]
    members: int
    rounds: int
    cost: Costs
    chat: Mapping[int, Sequence[float]]

    def _parts(self, transport: str, window: int) -> list[Parts]:
        tuned = tuned_of(transport)
        four = zip(
            self.cost[transport, window],
            self.cost[tuned, window],
            self.cost[limit_of(transport), window],
            self.chat[window],
            strict=True,
        )
        return [take_apart(Measured(whole=w, tuned=t, limit=f, chat=c)) for w, t, f, c in four]

    @cached_property
    def gaps(self) -> dict[str, Gap | None]:
        """Transport -> what causes its distance to websocket; None: there is no distance."""
        native = self._parts("websocket", 1)
        return {name: gap(self._parts(name, 1), native) for name in self.transports[1:]}

    def protocol_percent(self, transport: str) -> float | None:
        """Return which percentage of the distance to websocket is the protocol."""
        found = self.gaps[transport]
        return 100 * found.protocol.median if found else None

    def room_percent(self) -> float:
        """Return which percentage of websocket's cost the room itself is."""
        room = mean(self._parts("websocket", 1))
        return 100 * room.chat / room.total

    def picture(self) -> Picture:
        """Draw the parts of each transport's cost, for each number in flight."""
        panels = {
            "One message in flight" if window == 1 else f"{window} messages in flight": {
                name: mean(self._parts(name, window)) for name in self.transports
            }
            for window in MESSAGES
        }
        whole = panels["One message in flight"]
        return Picture(
            decomposition.draw(
                panels,
                f"A delivery: {whole['websocket'].total / 1e3:.1f} µs on websocket, "
                f"{whole['socketio-websocket'].total / 1e3:.1f} µs on socketio-websocket",
                f"means of {self.rounds} interleaved rounds in one process each; "
                f"room of {self.members}, 64 B texts",
            )
        )

    def causes(self) -> Prose:
        """Return a table of the distances to websocket, and what causes them."""
        return table(
            ["against `websocket`", "costs more by", "protocol", "library"],
            [
                [
                    f"`{name}`",
                    f"{self._extra_us(name):.1f} µs",
                    _percent(found, "protocol"),
                    _percent(found, "library"),
                ]
                for name, found in self.gaps.items()
                if found
            ],
            ["`websocket`과 비교", "더 드는 비용", "프로토콜", "라이브러리"],
        )

    def answer(self) -> Prose:
        """Say what causes each distance, and what the room itself costs."""
        sentences = [self._sentence(name) for name in self.transports[1:]]
        room = mean(self._parts("websocket", 1)).chat / 1e3
        return Prose(
            " ".join(one.markdown for one in sentences)
            + f" The room itself takes {room:.2f} µs a delivery, {self.room_percent():.1f} % of "
            f"what `websocket` takes. These are {self.rounds} rounds in one process each. `lab "
            "bench --experiment cost` measures several passes and gives intervals.",
            " ".join(one.korean for one in sentences)
            + f" 방 자체는 전달 한 건에 {room:.2f} µs가 들고, 이는 `websocket` 비용의 "
            f"{self.room_percent():.1f} %입니다. 프로세스마다 {self.rounds}라운드만 측정한 "
            f"값입니다. `lab "
            "bench --experiment cost`는 여러 패스를 측정해 구간까지 제시합니다.",
        )

    def _extra_us(self, transport: str) -> float:
        dear, cheap = (mean(self._parts(name, 1)).total for name in (transport, "websocket"))
        return (dear - cheap) / 1e3

    def _sentence(self, transport: str) -> Prose:
        found = self.gaps[transport]
        if found is None:
            return Prose(
                f"Between `{transport}` and `websocket` this machine shows no gap to divide.",
                f"이 컴퓨터에서는 `{transport}`과 `websocket` 사이에 나눌 만한 차이가 없습니다.",
            )
        protocol, library = 100 * found.protocol.median, 100 * found.library.median
        unseen, unseen_ko = (
            (
                ", which is too little to see in these rounds",
                " 프로토콜의 몫은 너무 작아 보이지 않습니다.",
            )
            if protocol < 0
            else ("", "")
        )
        extra = f"{self._extra_us(transport):.1f} µs"
        return Prose(
            f"A delivery on `{transport}` costs {extra} more than on `websocket`: **{library:.0f} "
            f"%** of that is the library and **{protocol:.0f} %** the protocol{unseen}.",
            f"`{transport}`의 전달 한 건은 `websocket`보다 {extra} 더 듭니다. 그 가운데 "
            f"**{library:.0f} "
            f"%**가 라이브러리, **{protocol:.0f} %**가 프로토콜의 몫입니다.{unseen_ko}",
        )


def tuned_of(transport: str) -> str:
    """Name the transport that speaks the same protocol without a library.

    Raises ValueError where there is none.
    """
    tuned = registry.load(transport).tuned
    if tuned is None:
        raise ValueError(f"nothing speaks the protocol of {transport} without a library")
    return tuned


def limit_of(transport: str) -> str:
    """Name the transport that writes the same texts and does almost nothing else.

    Raises ValueError where there is none.
    """
    limit = registry.load(tuned_of(transport)).limit_transport
    if limit is None:
        raise ValueError(f"{transport} has no limit to compare with")
    return limit


def compared(transports: Sequence[str]) -> Prose:
    """Return a table of the two servers with which each transport is compared."""
    return table(
        ["transport", "the same without a library", "the limit"],
        [[f"`{name}`", f"`{tuned_of(name)}`", f"`{limit_of(name)}`"] for name in transports],
        ["전송 방식", "라이브러리 없는 서버", "한계"],
    )


async def measure(transports: Sequence[str], members: int, rounds: int) -> Apart:
    """Measure all servers in every round. Raises RuntimeError where a delivery is missing."""
    every = [*transports, *map(tuned_of, transports), *map(limit_of, transports)]
    cost = await _rounds_of(list(dict.fromkeys(every)), members, rounds)
    room = ChatAlone(ChatService(Rooms(UNPACED)), members)
    chat = {
        window: [
            room.cpu_ns(incompressible(64, count, number)) / (count * members)
            for number in range(1 + rounds)
        ][1:]
        for window, count in MESSAGES.items()
    }
    return Apart(transports, members, rounds, cost, chat)


async def _rounds_of(transports: Sequence[str], members: int, rounds: int) -> Costs:
    found: dict[tuple[str, int], list[float]] = {}
    async with AsyncExitStack() as stack:
        servers = {name: await stack.enter_async_context(served(name)) for name in transports}
        rooms = {
            name: stack.enter_context(RawRoom(one.transport, one.address, "room", members))
            for name, one in servers.items()
        }
        for number in range(1 + rounds):
            for window in MESSAGES:
                for name, running in servers.items():
                    each = _each_ns(running, rooms[name], window, number)
                    if number:  # the first round warms up
                        found.setdefault((name, window), []).append(each)
    return found


def _each_ns(running: ServedTransport, room: RawRoom, window: int, number: int) -> float:
    meter = running.meter()
    meter.start()
    batch = room.fan_out(incompressible(64, MESSAGES[window], number), window)
    used = meter.stop().server_cpu_ns
    if batch.lost or batch.out_of_order or used is None:
        raise RuntimeError(f"void: {running.transport} lost {batch.lost}")
    return used / batch.delivered


def _percent(found: Gap, part: str) -> str:
    share = getattr(found, part)
    low, high = 100 * share.lowest, 100 * share.highest
    return f"{100 * share.median:.1f} % ({low:.1f}–{high:.1f})"
