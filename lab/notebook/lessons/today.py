"""The lesson of 13_transports_of_today: connections of a chat on HTTP/1.1 and HTTP/2, and loss."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from lab.load.chat_together import chat_together, opened
from lab.notebook.guess import Expected
from lab.notebook.pictures import Picture
from lab.notebook.prose import Prose, table
from lab.notebook.recorded import Recorded
from lab.report.pictures import style
from transports import registry

LOST = (0, 1, 5)
"""Shares of lost packets of the recorded run that are shown, in percent."""
PERCENTILES = (50, 99)

OPEN_TABS = Expected(
    6,
    "A browser opens so many connections of HTTP/1.1 to one server, for all its tabs together.",
    "브라우저가 모든 탭을 합쳐 서버 하나에 여는 HTTP/1.1 연결의 개수입니다.",
    within=0,
)
ROUND_TRIPS = Expected(
    2,
    "QUIC has TLS 1.3 inside its own handshake, and then comes one request.",
    "QUIC의 핸드셰이크 안에 TLS 1.3이 들어 있고, 그다음 요청이 하나 옵니다.",
    within=0,
)


@dataclass(frozen=True)
class Chats:
    """Transport -> the TCP connections that so many clients open who chat on it."""

    clients: int
    opened: dict[str, int]

    def picture(self) -> Picture:
        """Draw a bar for each transport."""
        names = list(self.opened)
        with style.applied():
            canvas = style.canvas(1.7 + 0.4 * len(names))
            ax = canvas.subplots()
            for row, opened in enumerate(self.opened.values()):
                ax.barh(row, opened, 0.6, color="#0072B2" if opened == 1 else "#E69F00")
                ax.annotate(str(opened), (opened, row), (5, 0), **style.BESIDE)
            ax.set_yticks(range(len(names)), names)
            ax.set_ylim(len(names) - 0.4, -0.6)
            ax.set_xlim(0, 1.15 * max(self.opened.values()))
            ax.set_xlabel("TCP connections")
            note = "counted in front of the server, when all had chatted; no TLS"
            style.frame(canvas, f"What {self.clients} clients of one program open to chat", note)
        return Picture(canvas)

    def answer(self) -> Prose:
        """Say how many connections each transport took."""
        english = ", ".join(f"`{name}` **{opened}**" for name, opened in self.opened.items())
        return Prose(
            f"TCP connections of {self.clients} clients: {english}.",
            f"클라이언트 {self.clients}개의 TCP 연결: {english}.",
        )


async def chat(transports: Sequence[str], clients: int) -> Chats:
    """Let clients chat on each transport that can run here, and count their TCP connections.

    Nothing is timed.
    """
    names = [name for name in transports if registry.unavailable(name) is None]
    captures = {name: await chat_together(name, registry.load(name), clients) for name in names}
    return Chats(clients, {name: opened(capture) for name, capture in captures.items()})


def loss(recorded: Recorded, transports: Sequence[str]) -> Prose:
    """Return a table of the lab's own run: round trips of a message while packets are lost."""
    columns = [(percent, at) for percent in LOST for at in PERCENTILES]
    rows = [
        [f"`{name}`", *(recorded.shown(_loss(percent, at), name) for percent, at in columns)]
        for name in transports
    ]
    english = [f"{percent} % lost, p{at}, ms" for percent, at in columns]
    korean = [f"손실 {percent} %, p{at}, ms" for percent, at in columns]
    return table(["", *english], rows, ["", *korean])


def tail(recorded: Recorded, transport: str, percent: int) -> float | None:
    """Return p99 of a message's round trip at this loss, in ms; None: not measured."""
    return recorded.median(_loss(percent, 99), transport)


def _loss(percent: int, at: int) -> str:
    return f"loss_{percent}_p{at}_ms"
