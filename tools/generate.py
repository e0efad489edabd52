"""Writes those parts of the documents that are made from the code and from committed runs.

`python -m tools.generate` first writes lab/answer/reference.json, from which the answer quotes what
a run has not measured, lab/choose/bundle.json, and the example of the page's race. Then it puts
each part between its markers, `<!-- begin NAME -->` and `<!-- end NAME -->`. Tests fail where a
part is out of date.
"""

from __future__ import annotations

import ast
import inspect
import itertools
import re
import sys
from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))  # a script's own folder is what Python puts there

from lab.bilingual import Language  # noqa: E402
from lab.chat import commands, events  # noqa: E402
from lab.chat.effects import Member  # noqa: E402
from lab.chat.events import RoomEvent  # noqa: E402
from lab.chat.limits import Limits  # noqa: E402
from lab.chat.rooms import Rooms, state_diagram  # noqa: E402
from lab.cluster.proxies import CONFIGURATIONS, Proxy, Site, Sticky  # noqa: E402
from lab.cluster.registry import LACKS  # noqa: E402
from lab.service import ChatService  # noqa: E402
from lab.why import table as why  # noqa: E402
from tools import (  # noqa: E402
    bundle,
    cheat_sheets,
    chosen,
    claimed,
    command_line,
    documents,
    example_race,
    experiments,
    faq,
    glossary,
    korean,
    measured,
    nodes,
    reference,
    registered,
    simple_chats,
    symptoms,
    today,
    why_korean,
)

ROOM = ROOT / "docs" / "room.md"
README = ROOT / "README.md"
README_KO = ROOT / "README.ko.md"
CLAIMED = ROOT / "docs" / "claims.md"
CLAIMED_KO = ROOT / "docs" / "claims.ko.md"
SENTENCES = ROOT / "docs" / "documents.md"
SENTENCES_KO = ROOT / "docs" / "documents.ko.md"
METHOD = ROOT / "docs" / "method.md"
TUNED = ROOT / "docs" / "tuned.md"
CHOOSE = ROOT / "docs" / "choose.md"
CHOOSE_KO = ROOT / "docs" / "choose.ko.md"
WHY = ROOT / "docs" / "why.md"
FENCES: dict[Proxy, str] = {"nginx": "nginx", "haproxy": "text", "caddy": "text"}
"""Proxy -> how a document marks its configuration."""
NOON_MS = 1_767_268_800_000
"""The clock of the example conversation: 2026-01-01 12:00 UTC."""


def states() -> str:
    """The room's transitions as a Mermaid diagram."""
    return f"```mermaid\n{state_diagram()}```\n"


def limits() -> str:
    """The table of limits: name, default, what each bounds and the code of its refusal."""
    lines = ["| limit | default | what it bounds |", "|---|---:|---|"]
    for name, meaning in _field_docs(Limits).items():
        lines.append(f"| `{name}` | {_default(name):,} | {meaning} |")
    return "\n".join(lines) + "\n"


def conversation() -> str:
    """A conversation of two people on a native transport, with the room's real answers."""
    talk = _Talk()
    ada, bob = talk.connect("ada"), talk.connect("bob")
    talk.send(ada, commands.Join(1, "lab", "ada"))
    talk.send(bob, commands.Join(1, "lab", "bob", after=0))
    talk.send(bob, commands.Say(2, "lab", "hello", key="b-1"))
    talk.send(bob, commands.Say(3, "lab", "hello", key="b-1"))
    talk.send(ada, commands.Typing(2, "lab"))
    talk.send(ada, commands.Say(3, "pub", "anybody?"))
    talk.send(ada, commands.Leave(4, "lab"))
    return "```text\n" + "\n".join(talk.lines) + "\n```\n"


def why_table() -> str:
    """What each side sees of each cause, on each transport."""
    return why.markdown(why.load())


def _documents(language: Language) -> dict[str, Callable[[], str]]:
    return {
        "sentences": lambda: documents.sentences(language),
        "beliefs": lambda: documents.beliefs(language),
    }


def _claims(language: Language) -> dict[str, Callable[[], str]]:
    return {
        "verdicts": lambda: claimed.verdicts(language),
        "descriptions": lambda: claimed.descriptions(language),
    }


def _choose(language: Language) -> dict[str, Callable[[], str]]:
    return {
        "cost": lambda: chosen.assumed(language),
        "rules": lambda: chosen.rules(language),
        "cases": lambda: chosen.cases(language),
    }


def _today(language: Language) -> dict[str, Callable[[], str]]:
    return {
        "short": lambda: today.short(language),
        "cost": lambda: today.cost(language),
        "msgpack": lambda: today.msgpack(language),
    }


def _in_both(
    page: str, part: str, make: Callable[[Language], str]
) -> dict[Path, dict[str, Callable[[], str]]]:
    """The part of a page and of its Korean version."""
    return {
        ROOT / "docs" / f"{page}.md": {part: lambda: make(Language.ENGLISH)},
        ROOT / "docs" / f"{page}.ko.md": {part: lambda: make(Language.KOREAN)},
    }


def proxy_parts() -> dict[str, Callable[[], str]]:
    """The configuration of each proxy, sticky by address and by cookie: part -> what writes it."""
    ways: tuple[Sticky, ...] = ("address", "cookie")
    return {f"{proxy}-{way}": partial(_configured, proxy, way) for proxy in FENCES for way in ways}


def _configured(proxy: Proxy, sticky: Sticky) -> str:
    return f"```{FENCES[proxy]}\n{CONFIGURATIONS[proxy](Site(sticky=sticky))}```\n"


def lacks() -> str:
    """What the libraries that join nodes lack of the room, as a list."""
    return "".join(f"- {sentence};\n" for sentence in LACKS.values())[:-2] + ".\n"


PARTS: dict[str, Callable[[], str]] = {
    "states": states,
    "limits": limits,
    "conversation": conversation,
}
DOCUMENTS: dict[Path, dict[str, Callable[[], str]]] = {
    ROOM: PARTS,
    README: {
        "choose": lambda: chosen.short(Language.ENGLISH),
        "short": measured.short,
        "answer": measured.answer,
        "transports": measured.transports,
        "whose": measured.whose_alone,
    },
    README_KO: {
        "choose": lambda: chosen.short(Language.KOREAN),
        "short": korean.short,
        "answer": korean.answer,
        "transports": korean.transports,
    },
    ROOT / "docs" / "cli.md": {
        "contents": command_line.contents,
        "commands": command_line.reference,
    },
    ROOT / "docs" / "transports.md": {
        "groups": registered.groups,
        "capabilities": registered.capabilities,
    },
    ROOT / "docs" / "rfc-6455.md": {
        "frames": cheat_sheets.websocket,
        "lengths": cheat_sheets.lengths,
    },
    ROOT / "docs" / "engine-io.md": {"packets": cheat_sheets.engine_io},
    ROOT / "docs" / "socket-io.md": {"packets": cheat_sheets.socket_io},
    **_in_both("glossary", "terms", glossary.tables),
    ROOT / "docs" / "proxies.md": proxy_parts() | {"cost": experiments.proxies},
    ROOT / "docs" / "proxies.ko.md": proxy_parts(),
    ROOT / "docs" / "durable.md": {"cost": experiments.durability},
    ROOT / "docs" / "scaling.md": {
        "lacks": lacks,
        "costs": nodes.measured,
        "scaled": nodes.predicted,
        "errors": nodes.errors,
        "nodes": experiments.nodes,
        "storm": experiments.storm,
    },
    **_in_both("faq", "questions", faq.markdown),
    **_in_both("troubleshooting", "symptoms", symptoms.markdown),
    CLAIMED: _claims(Language.ENGLISH),
    CLAIMED_KO: _claims(Language.KOREAN),
    CHOOSE: _choose(Language.ENGLISH),
    CHOOSE_KO: _choose(Language.KOREAN),
    SENTENCES: _documents(Language.ENGLISH),
    SENTENCES_KO: _documents(Language.KOREAN),
    **_in_both("code", "simple", simple_chats.table),
    METHOD: {
        "planted": measured.planted,
        "browser": measured.browser,
        "round-trips": measured.round_trips,
    },
    WHY: {"table": why_table},
    ROOT / "docs" / "why.ko.md": {"table": why_korean.tables},
    ROOT / "docs" / "tls.md": {"cost": measured.over_tls},
    ROOT / "docs" / "http2.md": {"short": today.http2},
    ROOT / "docs" / "today.md": _today(Language.ENGLISH),
    ROOT / "docs" / "today.ko.md": _today(Language.KOREAN),
    ROOT / "docs" / "webtransport.md": {"short": today.webtransport},
    ROOT / "docs" / "compression.md": {"saves": measured.compression},
    ROOT / "docs" / "link.md": {"calibration": measured.calibration, "loss": measured.loss},
    TUNED: {name: getattr(measured, name) for name in ("distance", "alone", "idle", "whose")},
}


def render(text: str, parts: dict[str, Callable[[], str]] = PARTS) -> str:
    """`text` with every part as the code and the reference run have it now.

    Raises:
        ValueError: a part has no place in the text.
    """
    for name, make in parts.items():
        begin, end = f"<!-- begin {name} -->", f"<!-- end {name} -->"
        if text.count(begin) != 1 or text.count(end) != 1:
            raise ValueError(f"expected {begin} and {end} once each")
        before, rest = text.split(begin)
        text = f"{before}{begin}\n{make()}{end}{rest.split(end)[1]}"
    return text


class _Talk:
    """An outlet that writes down what a native transport would send to whom."""

    def __init__(self) -> None:
        self.lines: list[str] = []
        self._service = ChatService(Rooms(life="7c6e"), clock=lambda: NOON_MS)
        self._names: dict[Member, str] = {}
        self._inside: list[Member] = []

    def connect(self, name: str) -> Member:
        member = self._service.attach(self)
        self._names[member] = name
        return member

    def send(self, member: Member, command: commands.Command) -> None:
        self._write(member, ">", commands.encode(command))
        self._service.receive(
            member, command, lambda reply: self._write(member, "<", events.encode(reply))
        )

    def _write(self, member: Member, way: str, text: bytes) -> None:
        self.lines.append(f"{self._names[member]} {way} {text.decode()}")

    def enter(self, member: Member, room: str) -> None:
        self._inside.append(member)

    def exit(self, member: Member, room: str) -> None:
        self._inside.remove(member)

    def broadcast(self, room: str, event: RoomEvent, skip: Member | None) -> None:
        for member in self._inside:
            if member != skip:
                self._write(member, "<", events.encode(event))

    def deliver(self, member: Member, missed: Sequence[events.LoggedEvent]) -> None:
        for event in missed:
            self._write(member, "<", events.encode(event))


def _default(name: str) -> int:
    value = getattr(Limits(), name)
    assert isinstance(value, int)
    return value


def _field_docs(kind: type) -> dict[str, str]:
    """Each field with the text that stands under it in the source, on one line."""
    (body,) = (
        n.body for n in ast.parse(inspect.getsource(kind)).body if isinstance(n, ast.ClassDef)
    )
    docs = {}
    for field, doc in itertools.pairwise(body):
        if isinstance(field, ast.AnnAssign) and isinstance(field.target, ast.Name):
            assert isinstance(doc, ast.Expr), f"{field.target.id} is not documented"
            docs[field.target.id] = re.sub(r"\s+", " ", ast.literal_eval(doc.value))
    return docs


if __name__ == "__main__":
    reference.write()
    bundle.write()
    example_race.write()
    for document, parts in DOCUMENTS.items():
        text = render(document.read_text(encoding="utf-8"), parts)
        document.write_text(text, encoding="utf-8")
        print(f"{document.relative_to(ROOT)}: {', '.join(parts)}")
