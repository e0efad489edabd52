"""The committed table: what each side sees of each cause, on each transport."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import Path

import msgspec

from lab.contract import Capability, Transport
from lab.why.causes import BY_NAME, CAUSES
from lab.why.facts import Facts
from lab.why.inject import Seen
from lab.why.node_member import package_for
from lab.why.recognise import Ranked, rank
from transports import registry
from transports.registry import CORE, NODE

PATH = Path(__file__).parent / "observed.json"
PACKAGES = ("ws", "socket.io-client")
"""The clients in Node; all others are in Python."""

HEAD = (
    "| transport | client | what the client sees | after | what the server sees | after | named |"
)


class Row(msgspec.Struct, frozen=True, kw_only=True):
    """One cause on one transport. `without`: why it can't be injected; then there is nothing else.

    `library`: the client's. `client`, `server`: what they see; None: nothing while the observation
    lasted.
    """

    transport: str
    library: str
    cause: str
    without: str = ""
    client: str | None = None
    client_s: float | None = None
    server: str | None = None
    server_s: float | None = None
    facts: Facts | None = None

    @property
    def ranked(self) -> list[Ranked]:
        """The causes that the recogniser names."""
        return rank(self.facts) if self.facts else []

    @property
    def named(self) -> str:
        """The cause that the recogniser names first; "" if none."""
        return self.ranked[0].cause if self.ranked else ""


class Observed(msgspec.Struct, frozen=True):
    """The whole table."""

    rows: list[Row]


def transports() -> list[str]:
    """The transports with a room on HTTP/1.1 that can run here, in the order of the registry."""
    needed = {Capability.ROOM, Capability.HTTP_1}
    return [name for name in registry.available() if needed <= registry.load(name).capabilities]


def libraries(transport: Transport) -> list[str]:
    """The client libraries that a cause is observed with: the transport's own, and npm's.

    npm's packages are observed on the transports of the core and of Node.
    """
    packages = [package_for(transport)] if transport.name in {**CORE, **NODE} else []
    return [transport.stack().client.name, *filter(None, packages)]


def row(transport: str, library: str, cause: str, found: Seen | str) -> Row:
    """A row of the table. Times have two digits: they are those of one observation."""
    if isinstance(found, str):
        return Row(transport=transport, library=library, cause=cause, without=found)
    return Row(
        transport=transport,
        library=library,
        cause=cause,
        client=found.client,
        client_s=_rounded(found.client_s),
        server=found.server,
        server_s=_rounded(found.server_s),
        facts=found.facts,
    )


def load(path: Path = PATH) -> Observed:
    """Read the table; an empty one if there is none yet."""
    if not path.is_file():
        return Observed(rows=[])
    return msgspec.json.decode(path.read_bytes(), type=Observed)


def save(observed: Observed, path: Path = PATH) -> None:
    """Write the table."""
    text = msgspec.json.format(msgspec.json.encode(observed), indent=1)
    path.write_bytes(text + b"\n")


def place(one: Row) -> tuple[int, int, bool]:
    """The place of a row: by cause, then by transport; npm's packages are last."""
    names = list(registry.TRANSPORTS)
    return list(BY_NAME).index(one.cause), names.index(one.transport), one.library in PACKAGES


def markdown(observed: Observed) -> str:
    """The table in Markdown: a section for each cause."""
    return "\n".join(line for cause in CAUSES for line in _section(cause.name, observed.rows))


def _section(name: str, rows: Iterable[Row]) -> Iterator[str]:
    cause = BY_NAME[name]
    mine = [each for each in rows if each.cause == name]
    seen = [each for each in mine if not each.without]
    lacking = [each for each in mine if each.without and each.library not in PACKAGES]
    yield f"## {cause.title[0].upper()}{cause.title[1:]}\n"
    yield f"{cause.meaning} {cause.advice}\n"
    if seen:
        yield HEAD
        yield "|---|---|---|---:|---|---:|---|"
        yield from map(_line, seen)
        yield ""
    for reason in dict.fromkeys(each.without for each in lacking):
        names = ", ".join(f"`{each.transport}`" for each in lacking if each.without == reason)
        yield f"Not on {names}: {reason}.\n"


def _line(one: Row) -> str:
    named = "this" if one.named == one.cause else BY_NAME[one.named].title if one.named else "–"
    cells = (
        f"`{one.transport}`",
        one.library,
        _quoted(one.client),
        _seconds(one.client_s),
        f"`{one.server}`" if one.server else "–",
        _seconds(one.server_s),
        named,
    )
    return f"| {' | '.join(cells)} |"


def _quoted(text: str | None) -> str:
    if text is None:
        return "nothing"
    return "`" + text.replace("|", "\\|").replace("`", "'") + "`"


def _seconds(seconds: float | None) -> str:
    if seconds is None:
        return "–"
    return "at once" if seconds < 0.1 else f"{seconds:.1f} s"


def _rounded(seconds: float | None) -> float | None:
    return None if seconds is None else round(seconds, 2)
