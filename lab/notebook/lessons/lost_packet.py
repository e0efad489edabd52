"""The lesson of 14_packet_loss: which packet of a message is lost, and who repairs it how soon."""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from math import nan
from statistics import median
from typing import Any

from lab.contract import Connection
from lab.link import Link
from lab.link.kernel import is_able
from lab.link.link import unavailable
from lab.link.messages import Direction
from lab.load.across import served_across
from lab.load.closed_loop import ignore, round_trips
from lab.load.lossy import losing
from lab.load.lost_packet import Run, enter, loop_on
from lab.measure.figures.loss import ONE_WAY_MS, PERCENTS
from lab.notebook.guess import Expected
from lab.notebook.pictures import Picture
from lab.notebook.prose import Prose, table
from lab.notebook.recorded import Recorded
from lab.report.model.summary import NO_SOCKET
from lab.report.pictures import style
from transports import registry

UNABLE = "a link needs root in a notebook, because a kernel has several threads"
MS = 1_000_000
ROOM = "lobby"
TEXT = "x" * 200
SETTLED_S = 0.4
"""After this time every packet of the last message is acknowledged, also one that was repeated."""

NOTHING, UP, REPLY, ANSWER = "nothing", "the text", "the reply", "the answer to the POST"
KOREAN = {NOTHING: "없음", UP: "글", REPLY: "응답", ANSWER: "POST의 답"}
Packet = tuple[Direction, int]
"""A direction, and the least size of the IP packet in bytes."""
ON_ONE: dict[str, Packet] = {UP: ("up", 200), REPLY: ("down", 100)}
"""On one connection, the reply is the first packet that comes back; the room's message is behind
it."""
ON_TWO: dict[str, Packet] = {UP: ("up", 200), REPLY: ("down", 300), ANSWER: ("down", 100)}
"""Where a POST carries the text and a stream the reply, the answer to the POST comes first. The
reply and the message are in one larger packet of the stream."""
PACKETS = {"websocket": ON_ONE, "webtransport": ON_ONE, "sse": ON_TWO, "http-stream": ON_TWO}
"""Transport -> the packets of a message that can be lost, one at a time."""

TIMERS = Expected(
    3,
    "docs/link.md: the text, the reply, and what else has to arrive before the next POST?",
    "docs/link.md: 글과 응답, 그리고 다음 POST 전에 또 무엇이 와야 합니까?",
    within=0,
)
BEHIND = Expected(
    "no",
    "What did the room on another connection wait for in the recorded run?",
    "기록된 실행에서 다른 연결의 방은 무엇을 기다렸습니까?",
)


@dataclass(frozen=True)
class Loss:
    """What was lost, and the medians of the round trips of its message and of the next one."""

    transport: str
    lost: str
    this_ms: float
    next_ms: float


@dataclass(frozen=True)
class Losses:
    """All that was measured; `reason`: why there is nothing."""

    found: tuple[Loss, ...]
    reason: str | None = None

    def shown(self) -> Prose:
        """Return a table, or say why there is none."""
        if self.reason is not None:
            return Prose(
                f"No link can be opened here: {self.reason}. The figures of the recorded run below "
                "need none.",
                f"여기서는 링크를 열 수 없습니다: {self.reason}. 아래의 기록된 실행에는 "
                "링크가 필요 없습니다.",
            )
        heads = ["transport", "lost", "this message, ms", "the next one, ms"]
        korean = ["전송 방식", "잃은 것", "이 메시지, ms", "다음 메시지, ms"]
        numbers = [[f"{each.this_ms:.0f}", f"{each.next_ms:.0f}"] for each in self.found]
        names = [[f"`{each.transport}`", each.lost] for each in self.found]
        rows = [name + number for name, number in zip(names, numbers, strict=True)]
        rows_ko = [
            [name, KOREAN[lost], *number]
            for (name, lost), number in zip(names, numbers, strict=True)
        ]
        return Prose(table(heads, rows).markdown, table(korean, rows_ko).markdown)

    def this_ms(self, transport: str, lost: str) -> float | None:
        """Return the round trip of the message of which this was lost; None: not measured."""
        matching = (each for each in self.found if (each.transport, each.lost) == (transport, lost))
        return next((each.this_ms for each in matching), None)


async def lose(transports: Sequence[str], trials: int) -> Losses:
    """Lose one packet at a time on a link, of messages with nothing else in flight.

    `transports`: of `PACKETS`. One that needs what is not installed is left out.
    """
    if (reason := unavailable() or (None if is_able() else UNABLE)) is not None:
        return Losses((), reason)
    there = [name for name in transports if registry.unavailable(name) is None]
    found = [each for name in there for each in await _on_a_link(name, trials)]
    return Losses(tuple(found))


def tails(recorded: Recorded, transports: Sequence[str]) -> Picture:
    """Draw p99 of the round trip against the share of lost packets, in the lab's own run."""
    drawn = style.looks(transports, NO_SOCKET)
    with style.applied():
        canvas = style.canvas(3.4)
        ax = canvas.subplots()
        for name in transports:
            keys = [f"loss_{percent}_p99_ms" for percent in PERCENTS]
            tail_ms = [recorded.median(key, name) or nan for key in keys]
            look = drawn[name]
            ax.plot(PERCENTS, tail_ms, look.line, color=look.colour, marker=look.marker, label=name)
        ax.set_yscale("log")
        ax.yaxis.set_major_formatter(style.PLAIN)
        ax.set_xticks(PERCENTS, [f"{percent} %" for percent in PERCENTS])
        ax.set_xlabel("packets lost in each direction")
        ax.set_ylabel("round trip, p99, ms")
        ax.legend(frameon=False)
        note = f"{recorded.run.id}; a link of {ONE_WAY_MS} ms each way, one message in flight"
        style.frame(canvas, "The tail of a message is the repair of a lost packet", note)
    return Picture(canvas)


def rooms(recorded: Recorded, transports: Sequence[str]) -> Prose:
    """Return a table of one room's message right behind another room's lost packet."""
    keys = ["behind_none_p50_ms", "behind_shared_p50_ms", "behind_apart_p50_ms"]
    rows = [[f"`{name}`", *(recorded.shown(key, name) for key in keys)] for name in transports]
    return table(
        ["one way, ms", "nothing lost", "on the same connection", "on another connection"],
        rows,
        ["한 방향, ms", "잃은 것 없음", "같은 연결", "다른 연결"],
    )


async def _on_a_link(name: str, trials: int) -> list[Loss]:
    """Each kind of loss on this transport, on a link of its own."""
    with ExitStack() as stack:
        opened = stack.enter_context(Link(losing(0)))
        connect = stack.enter_context(served_across(opened, registry.load(name)))
        run: Run[Any] = stack.enter_context(loop_on(opened, "client"))
        connection: Connection = await run(enter(connect, ignore, (ROOM,), "ann"))
        try:
            return [
                await _lost(name, opened, connection, run, lost, trials)
                for lost in (NOTHING, *PACKETS[name])
            ]
        finally:
            await run(connection.close())


async def _lost(
    name: str, opened: Link, connection: Connection, run: Run[Any], lost: str, trials: int
) -> Loss:
    """Say two texts each time, one after the other; a packet of the first one is lost."""
    packet = PACKETS[name].get(lost)
    pairs: list[list[int]] = []
    for _ in range(trials):
        await asyncio.sleep(SETTLED_S)
        if packet is not None:
            opened.lose_next(*packet)
        work: Coroutine[Any, Any, list[int]] = round_trips(connection, ROOM, [TEXT, TEXT])
        pairs.append(await run(work))
    this, following = zip(*pairs, strict=True)
    return Loss(name, lost, median(this) / MS, median(following) / MS)
