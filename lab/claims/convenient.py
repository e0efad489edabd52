"""The claim `convenient`: a chat takes less code on Socket.IO than on WebSocket."""

from __future__ import annotations

from collections.abc import Iterable

import msgspec

from lab.claims.claim import Claim, Finding, Verdict
from lab.code.concerns import APPLICATION, Concern, declared
from lab.code.count import WireCode, count
from lab.code.sources import Sources
from transports import registry

PAIRS = (("websocket", "socketio-websocket"), ("node-websocket", "node-socketio-websocket"))
"""The same room in one language, native and on Socket.IO."""


class Pair(msgspec.Struct, frozen=True):
    """Lines of code for each concern: on native WebSocket, and on Socket.IO.

    `mends`: what mends the libraries, beside them, likewise.
    """

    native: str
    socketio: str
    lines: dict[str, tuple[int, int]]
    mends: tuple[int, int] = (0, 0)

    @property
    def total(self) -> tuple[int, int]:
        """All concerns together."""
        return (sum(n for n, _ in self.lines.values()), sum(s for _, s in self.lines.values()))

    @property
    def shorter(self) -> list[str]:
        """The concerns that take less on Socket.IO."""
        return [concern for concern, (native, theirs) in self.lines.items() if theirs < native]

    @property
    def longer(self) -> list[str]:
        """The concerns that take more."""
        return [concern for concern, (native, theirs) in self.lines.items() if theirs > native]


def pair(native: WireCode, socketio: WireCode) -> Pair:
    """Two wires beside each other."""
    lines = {str(it): (native.lines(it), socketio.lines(it)) for it in APPLICATION}
    mends = (native.lines(Concern.MENDS), socketio.lines(Concern.MENDS))
    return Pair(native.wire, socketio.wire, lines, mends)


def judge(pairs: Iterable[Pair]) -> Verdict:
    """Socket.IO takes less for nearly everything and altogether; or for nothing; or it depends."""
    seen = list(pairs)
    less = [it.shorter and not it.longer and it.total[1] < it.total[0] for it in seen]
    if all(less):
        return Verdict.HOLDS
    more = [not it.shorter and it.total[1] >= it.total[0] for it in seen]
    return Verdict.DOES_NOT_HOLD if all(more) else Verdict.DEPENDS


async def test() -> Finding:
    """Count the lab's own wires, as `lab code` does."""
    names = [name for both in PAIRS for name in both if name in registry.WIRES]
    found = count({name: registry.WIRES[name] for name in names}, Sources(), declared())
    by_name = {wire.wire: wire for wire in found.wires}
    pairs = [pair(by_name[n], by_name[s]) for n, s in PAIRS if n in by_name and s in by_name]
    return Finding(judge(pairs), tuple(line for it in pairs for line in _told(it)))


def _told(it: Pair) -> tuple[str, ...]:
    native, theirs = it.total
    head = f"{it.native} against {it.socketio}"
    return (
        f"{head}, lines of code: {native} against {theirs} in all.",
        f"{head}, less on Socket.IO: {_listed(it, it.shorter)}; more: {_listed(it, it.longer)}.",
        f"{head}, beside that, to mend the library: {it.mends[0]} against {it.mends[1]}.",
    )


def _listed(it: Pair, concerns: Iterable[str]) -> str:
    parts = (f"{name} {it.lines[name][0]} against {it.lines[name][1]}" for name in concerns)
    return ", ".join(parts) or "nothing"


CLAIM = Claim(
    name="convenient",
    english="Code on Socket.IO is more intuitive and more convenient than code on WebSocket.",
    korean="Socket.IO로 작성한 코드는 WebSocket으로 작성한 코드보다 직관적이고 편리하다.",
    asked=(
        "The lines of code that the same room takes on native WebSocket and on Socket.IO are "
        "counted by concern, as `lab code` shows them."
    ),
    verdict=Verdict.DEPENDS,
    because=(
        "What is intuitive can't be counted; what has to be written can. Acknowledgements, rooms "
        "and more are given by Socket.IO and are by hand on WebSocket, so that these take fewer "
        "lines. To bound a queue and to part in good order takes more: there one has to reach "
        "around the library. History and resume neither gives."
    ),
    test=test,
)
