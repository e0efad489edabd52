"""The claim `built-apart`: a server in Node and a page, built apart, talk in both directions."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Iterable, Mapping
from contextlib import asynccontextmanager

import msgspec

from lab.claims.claim import Claim, Finding, Verdict, needs, verdict_of
from lab.claims.page import page_partner, page_server
from lab.claims.volley import EXCHANGES, RTT_NS, Partner, Volley, node_partner, volleys
from lab.interop.chromium import chromium, chromium_unavailable
from lab.interop.node import node_unavailable
from lab.load.tapped import Tape

WIRES: Mapping[str, tuple[str, ...]] = {
    "node-websocket": (),
    "node-socketio": ("polling", "websocket"),
    "node-socketio-websocket": ("websocket",),
    "node-socketio-polling": ("polling",),
}
"""A server in Node -> the Socket.IO transports of its page; none where it is native."""
RTTS_OF_REAL_TIME = 3.5
"""A poll may wait for its turn and a POST for a connection: a round trip each. Below this, nobody
waits for anything but the network; who asks at intervals waits for seconds."""


class Talk(msgspec.Struct, frozen=True):
    """What is judged on one wire: did every text arrive, and after how many round-trip times?"""

    wire: str
    complete: bool
    delivery_rtts: float

    @property
    def real_time(self) -> bool:
        """Whether both sides heard all of it, as soon as the network brought it."""
        return self.complete and self.delivery_rtts < RTTS_OF_REAL_TIME


def judge(talks: Iterable[Talk]) -> Verdict:
    """In real time on all wires, on some, or on none."""
    return verdict_of(talk.real_time for talk in talks)


async def test() -> Finding:
    """Let a client in Python and a page hear each other, on every wire served by Node."""
    needs(node_unavailable())
    async with _partners() as (where, origin, partner):
        allowed = ["--origin", origin] if origin else []
        played = await volleys(WIRES, lambda name: partner(WIRES[name]), allowed)
    talks = [Talk(name, one.complete, one.delivery_rtts) for name, one in played.items()]
    evidence = [_told(talk, where) for talk in talks]
    if reason := chromium_unavailable():
        evidence.append(f"No page in a browser took part: {reason}.")
    return Finding(judge(talks), tuple(evidence), _tapes(played, where))


@asynccontextmanager
async def _partners() -> AsyncIterator[tuple[str, str, Callable[[tuple[str, ...]], Partner]]]:
    """Who plays with Python: where he runs, his page's origin if he has one, and he, by transports.

    A page in Chromium, or a client in Node where there is no browser.
    """
    if chromium_unavailable():
        yield "a client in Node", "", node_partner
        return
    async with chromium() as browser, page_server() as origin:
        yield "a page in Chromium", origin, lambda names: page_partner(browser, origin, names)


def _told(talk: Talk, where: str) -> str:
    arrived = "all" if talk.complete else "not all"
    return (
        f"{talk.wire}: {arrived} of {2 * EXCHANGES} texts between {where} and a client in Python "
        f"arrived, each {talk.delivery_rtts:.2f} RTT ({RTT_NS / 1e6:.0f} ms, emulated) after it "
        "was said."
    )


def _tapes(played: Mapping[str, Volley], where: str) -> dict[str, Tape]:
    return {
        f"{name}, {who}": tape
        for name, one in played.items()
        for who, tape in (("the client in Python", one.ours), (where, one.theirs))
    }


CLAIM = Claim(
    name="built-apart",
    english=(
        "A server in Node and a client page can be built as two separate programs, and still talk "
        "with each other in both directions in real time."
    ),
    korean=(
        "Node.js 서버와 클라이언트 페이지를 서로 별개의 프로그램으로 만들어도 "
        "실시간으로 양방향 통신을 할 수 있다."
    ),
    asked=(
        "A page from an origin of its own and a client in Python hear each other in a room that "
        "Node serves, on every wire that has a server in Node."
    ),
    verdict=Verdict.HOLDS,
    because=(
        "Server and client share nothing but a URL and the messages that they agree on, so neither "
        "needs the other's language or its origin. The server has to allow the page's origin: a "
        "browser names it in the handshake, and a careful server refuses those that it doesn't "
        "know. Over long-polling a text may take a round trip more: the poll that could bring it "
        "has just come back with something else."
    ),
    test=test,
)
