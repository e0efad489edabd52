"""The lesson of 05_the_fallbacks: what a word costs on each of them, and how late it is."""

from __future__ import annotations

import asyncio
import html
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

from lab.chat.events import Message, RoomEvent
from lab.contract import Connection
from lab.decode.tree import Trace
from lab.ledger.ledger import Entry
from lab.load.tapped import Script
from lab.notebook.guess import Expected
from lab.notebook.lessons.conversation import (
    HEARTBEAT,
    IDLE_S,
    blocks,
    both,
    by_part,
    captured,
    connect,
    idle,
    only,
)
from lab.notebook.pictures import Chart, Picture, charts, stacks
from lab.notebook.prose import Prose, table
from lab.notebook.served_transport import ServedTransport, served
from lab.relay.network import Network
from transports import registry

TEXTS = ("hello", "hello", "hello", '"</script>"')
STREAMS = ("xhr-multipart", "htmlfile", "sse")
EVERY_S = 0.025
PATIENCE_S = 30
NONE = "–"

TOOTH_MS = Expected(
    900,
    "Count the distances: the answer, the next request, and the next answer.",
    "거리를 세어 보십시오. 응답, 다음 요청, 다음 응답입니다.",
    within=0,
)
TO_SAY = Expected(
    "POST",
    "Look at the first message of any of them but flashsocket.",
    "flashsocket을 뺀 아무 전송 방식의 첫 메시지를 보십시오.",
)


@dataclass(frozen=True)
class Conversations:
    """Transport -> its decoded conversation."""

    traces: Mapping[str, Trace]

    @cached_property
    def entries(self) -> dict[str, Entry]:
        """Transport -> the ledger of its conversation."""
        return {name: only(trace) for name, trace in self.traces.items()}

    def delivery(self) -> dict[str, float]:
        """Transport -> bytes of one delivery, both directions together."""
        return {name: both(entry.delivery) for name, entry in self.entries.items()}

    def picture(self) -> Picture:
        """Draw the bytes of a message and of its delivery, by part."""
        received = self.delivery()
        dearest, cheapest = max(received, key=received.__getitem__), self._cheapest()
        native = received["websocket"]
        return stacks(
            by_part(self.entries),
            f"A delivery takes {received[dearest] / native:.1f} times WebSocket's bytes "
            f"over {dearest}, {received[cheapest] / native:.1f} times over {cheapest}",
            "means of four messages, one at a time; TCP's and IP's own headers are not counted",
        )

    def show(self, transport: str, what: str = "message (payload)", which: int = 0) -> None:
        """Print the annotated bytes of one of the messages that the trace calls `what`."""
        print(blocks(self.traces[transport], (what,), lines_each=8)[which])

    def getting_in(self) -> Prose:
        """Return a table of round trips and bytes until connected, and of an idle minute."""
        minutes = idle(self.entries)
        heads = ["transport", "round trips", "for", "bytes until connected", "an idle minute"]
        return table(
            heads,
            [
                [
                    f"`{name}`",
                    connect(entry).round_trips,
                    html.escape(", ".join(connect(entry).purposes)),
                    f"{both(connect(entry).cost)} B",
                    f"{minutes[name]:.0f} B" if name in minutes else NONE,
                ]
                for name, entry in self.entries.items()
            ],
            ["전송 방식", "왕복", "이유", "연결까지의 바이트", "조용한 1분"],
        )

    def answer(self) -> Prose:
        """Say what a delivery, a word of the page and an idle minute take."""
        received, minutes, cheapest = self.delivery(), idle(self.entries), self._cheapest()
        deliveries = ", ".join(f"`{name}` **{size:.0f} B**" for name, size in received.items())
        times = received[cheapest] / received["websocket"]
        said = both(self.entries[cheapest].message)
        few = min(minutes[name] for name in STREAMS)
        many = max(minutes[name] for name in ("xhr-polling", "jsonp-polling"))
        less, less_ko = ("less", "적게") if many < few else ("no less", "적지 않게")
        return Prose(
            f"One delivery takes: {deliveries}. While a page only receives, the best stream takes "
            f"{times:.1f} times the bytes of WebSocket. Each word that the page says costs a POST, "
            f"{said:.0f} B with the reply. Idle polls cost {less} than idle streams ({many:.0f} B "
            f"a minute at most, and {few:.0f} B at least).",
            f"전달 한 건의 크기: {deliveries}. 페이지가 받기만 하면 가장 좋은 스트림은 WebSocket의 "
            f"{times:.1f}배를 씁니다. 페이지가 말할 때마다 POST가 하나 들고, 응답까지 {said:.0f} "
            f"B입니다. "
            f"조용한 폴링은 조용한 스트림보다 {less_ko} 씁니다(폴링은 1분에 많아야 {many:.0f} B, "
            f"스트림은 "
            f"적어도 {few:.0f} B).",
        )

    def _cheapest(self) -> str:
        received = self.delivery()
        return min(STREAMS, key=received.__getitem__)


@dataclass(frozen=True)
class Late:
    """Transport -> how late each word was for a listener far away, in ms."""

    ms: Mapping[str, Sequence[float]]
    away_ms: float

    def second(self, transport: str) -> float:
        """Return how late the second word was."""
        return self.ms[transport][1]

    def picture(self) -> Picture:
        """Draw how late each word was, over when it was said."""
        series = {
            name: ([number * EVERY_S * 1e3 for number in range(len(late))], late)
            for name, late in self.ms.items()
        }
        worst, best = max(self.ms["xhr-polling"]), max(self.ms["sse"])
        return charts(
            [Chart("when it was said, in ms", "how late it arrived, in ms", series)],
            f"Over long-polling a word is up to {worst:.0f} ms late, over a stream {best:.0f} ms",
            f"one listener {self.away_ms:.0f} ms from the server, a word every 25 ms; one run, "
            "not a benchmark",
        )


def unsafe(transport: str) -> Prose:
    """Say why the lab serves a transport only if you name it."""
    return Prose(
        f"It is served only if you name it: {registry.load(transport).unsafe}.",
        "안전하지 않아서, 이름을 지정할 때에만 제공합니다.",
    )


async def measure(transports: Sequence[str]) -> Conversations:
    """Capture a conversation on each transport, all at once: nothing here is timed."""
    traces = await asyncio.gather(*map(_conversation, transports))
    return Conversations(dict(zip(transports, traces, strict=True)))


async def _conversation(transport: str) -> Trace:
    async with served(transport, *HEARTBEAT) as running:
        return await captured(running, Script(texts=TEXTS, idle_s=IDLE_S))


async def lateness(transports: Sequence[str], away_ms: float, words: int) -> Late:
    """Say words next to the server, and time when each reaches a listener far away."""
    away_ns = round(away_ms * 1e6)
    return Late({name: await _lateness(name, away_ns, words) for name in transports}, away_ms)


async def _lateness(transport: str, away_ns: int, words: int) -> list[float]:
    heard_at: dict[str, float] = {}
    heard: asyncio.Queue[str] = asyncio.Queue()

    def listen(event: RoomEvent) -> None:
        if isinstance(event, Message):
            heard_at[event.text] = time.perf_counter()
            heard.put_nowait(event.text)

    async with served(transport) as running:
        near, far = await running.direct(lambda _: None), await running.connect(listen)
        await near.join("den", "near")
        await far.join("den", "far")
        said_at = await _speak(running, near, heard, away_ns, words)
        await near.close()
        await far.close()
    return [(heard_at[word] - said) * 1e3 for word, said in said_at.items()]


async def _speak(
    running: ServedTransport, near: Connection, heard: asyncio.Queue[str], away_ns: int, words: int
) -> dict[str, float]:
    """Return when each word was said. The listener is at its distance meanwhile."""
    said_at = {}
    running.relay.set(Network(delay_ns=away_ns))
    async with asyncio.timeout(PATIENCE_S):
        # The first word ends the poll that was sent without the delay.
        await near.say("den", "first of all")
        await heard.get()
        await asyncio.sleep(4 * away_ns / 1e9)  # and the next poll is at the server
        for word in map(str, range(words)):
            said_at[word] = time.perf_counter()
            asking = asyncio.ensure_future(near.say("den", word))
            await asyncio.sleep(EVERY_S)
            await asking
        for _ in range(words):
            await heard.get()
    running.relay.set(Network())
    return said_at
