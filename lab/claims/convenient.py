"""The claim `convenient`: a chat takes less code on Socket.IO than on WebSocket."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

import msgspec

from lab.bilingual import Bilingual, joined, same
from lab.claims._support.claim import Claim, Finding, Verdict
from lab.code.concerns import APPLICATION, Concern, declared
from lab.code.count import TransportCode, count
from lab.code.sources import Sources
from transports import registry

PAIRS = (("websocket", "socketio-websocket"), ("node-websocket", "node-socketio-websocket"))
"""Pairs of transports in one language: the same room on native WebSocket and on Socket.IO."""
SIMPLE = (("native, Python", "Socket.IO, Python"), ("native, JavaScript", "Socket.IO, JavaScript"))
"""Pairs of simple chats: rooms, broadcast and reconnecting, without limits and history."""


class Pair(msgspec.Struct, frozen=True):
    """Lines of code for each concern: on native WebSocket, and on Socket.IO.

    `workarounds`: the lines that work around the library, native and Socket.IO.
    """

    native: str
    socketio: str
    lines: dict[str, tuple[int, int]]
    workarounds: tuple[int, int] = (0, 0)

    @property
    def total(self) -> tuple[int, int]:
        """The lines of all concerns together."""
        return (sum(n for n, _ in self.lines.values()), sum(s for _, s in self.lines.values()))

    @property
    def shorter(self) -> list[str]:
        """The concerns that take fewer lines on Socket.IO."""
        return [concern for concern, (native, theirs) in self.lines.items() if theirs < native]

    @property
    def longer(self) -> list[str]:
        """The concerns that take more lines on Socket.IO."""
        return [concern for concern, (native, theirs) in self.lines.items() if theirs > native]


def pair(native: TransportCode, socketio: TransportCode) -> Pair:
    """Compare two transports concern by concern."""
    lines = {str(it): (native.lines(it), socketio.lines(it)) for it in APPLICATION}
    workarounds = (native.lines(Concern.WORKAROUNDS), socketio.lines(Concern.WORKAROUNDS))
    return Pair(native.transport, socketio.transport, lines, workarounds)


def judge(pairs: Iterable[Pair]) -> Verdict:
    """Judge whether Socket.IO takes fewer lines in nearly every concern and in total."""
    seen = list(pairs)
    less = [it.shorter and not it.longer and it.total[1] < it.total[0] for it in seen]
    if all(less):
        return Verdict.HOLDS
    more = [not it.shorter and it.total[1] >= it.total[0] for it in seen]
    return Verdict.DOES_NOT_HOLD if all(more) else Verdict.DEPENDS


async def test() -> Finding:
    """Count the lines of the simple chats and of the lab's transports, as `lab code` does."""
    names = [name for both in PAIRS for name in both if name in registry.TRANSPORTS]
    found = count({name: registry.TRANSPORTS[name] for name in names}, Sources(), declared())
    by_name = {it.transport: it for it in (*found.simple, *found.transports)}
    both = (*SIMPLE, *PAIRS)
    pairs = [pair(by_name[n], by_name[s]) for n, s in both if n in by_name and s in by_name]
    in_short = IN_SHORT.fill(totals=joined(", ", map(_total, pairs)))
    return Finding(judge(pairs), in_short, tuple(line for it in pairs for line in _describe(it)))


IN_SHORT = Bilingual(
    "Lines of code, WebSocket against Socket.IO: {totals}.",
    "코드 줄 수, WebSocket 대 Socket.IO: {totals}.",
)
TOTAL = Bilingual("{native}:{socketio} ({of})", "{native}:{socketio} ({of})")
NAMED = {
    "native, Python": Bilingual("simple chat, Python", "간단한 채팅, Python"),
    "native, JavaScript": Bilingual("simple chat, JavaScript", "간단한 채팅, JavaScript"),
    "websocket": Bilingual("the lab's room, Python", "실험실의 방, Python"),
    "node-websocket": Bilingual("the lab's room, Node", "실험실의 방, Node"),
}
IN_ALL = Bilingual(
    "{what}: {native} lines of code on WebSocket against {socketio} on Socket.IO.",
    "{what}: 코드 줄 수는 WebSocket {native}줄, Socket.IO {socketio}줄.",
)
APART = Bilingual(
    "{what}, less on Socket.IO: {less}; more: {more}.",
    "{what}, Socket.IO에서 줄어든 것: {less}. 늘어난 것: {more}.",
)
WORKAROUNDS = Bilingual(
    "{what}, workarounds for the library (not in the total): {native} against {socketio}.",
    "{what}, 라이브러리를 우회하는 코드 (합계에 없음): {native}줄 대 {socketio}줄.",
)
NOTHING = Bilingual("nothing", "없음")


def _total(it: Pair) -> Bilingual:
    native, socketio = it.total
    return TOTAL.fill(native=native, socketio=socketio, of=NAMED[it.native])


def _describe(it: Pair) -> Iterator[Bilingual]:
    what = NAMED[it.native]
    native, socketio = it.total
    yield IN_ALL.fill(what=what, native=native, socketio=socketio)
    yield APART.fill(what=what, less=_listed(it, it.shorter), more=_listed(it, it.longer))
    if any(it.workarounds):
        native, socketio = it.workarounds
        yield WORKAROUNDS.fill(what=what, native=native, socketio=socketio)


def _listed(it: Pair, concerns: Sequence[str]) -> Bilingual:
    parts = (f"`{name}` {it.lines[name][0]}:{it.lines[name][1]}" for name in concerns)
    return same(", ".join(parts)) if concerns else NOTHING


CLAIM = Claim(
    name="convenient",
    said=Bilingual(
        "Socket.IO code is more intuitive and more convenient than WebSocket code.",
        "Socket.IO로 작성한 코드는 WebSocket으로 작성한 코드보다 직관적이고 편리합니다.",
    ),
    experiment=Bilingual(
        "The lab counts the lines of code that the same chat takes on native WebSocket and on "
        "Socket.IO, concern by concern, as `lab code` shows them. It counts a simple chat with "
        "rooms and reconnecting, in Python and in JavaScript, and the lab's room, which has "
        "limits.",
        "같은 채팅에 필요한 코드의 줄 수를 WebSocket과 Socket.IO에서 `lab code`처럼 용도별로 "
        "셉니다. 방과 재연결이 있는 간단한 채팅을 Python과 JavaScript로 세고, 한도가 있는 "
        "실험실의 방도 셉니다.",
    ),
    verdict=Verdict.DEPENDS,
    because=Bilingual(
        "Nobody can count what is intuitive, but lines of code can be counted. A simple chat is "
        "shorter on Socket.IO, in JavaScript by more than half: the library has rooms and events, "
        "and its client reconnects. In Python the difference is small, because `websockets` can "
        "broadcast and reconnect too. A room with bounded queues and an orderly close takes more "
        "lines on Socket.IO, because the code has to work around the library. Neither provides "
        "history and resume.",
        "직관적인지는 셀 수 없지만 코드의 줄 수는 셀 수 있습니다. 간단한 채팅은 Socket.IO에서 더 "
        "짧고 JavaScript에서는 절반도 안 됩니다. 라이브러리에 방과 이벤트가 있고 클라이언트가 "
        "다시 연결하기 때문입니다. Python에서는 `websockets`도 방송과 재연결을 할 수 있어서 "
        "차이가 작습니다. 큐에 한도가 있고 질서 있게 닫히는 방은 라이브러리를 우회해야 해서 "
        "Socket.IO에서 더 길고, 지난 메시지와 이어받기는 어느 쪽에도 없습니다.",
    ),
    test=test,
)
