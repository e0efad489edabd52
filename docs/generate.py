"""Beside the documents: writes those parts of them that are made from the code.

`python docs/generate.py` puts each part between its markers, `<!-- begin NAME -->` and
`<!-- end NAME -->`; the tests say when that is due.
"""

from __future__ import annotations

import ast
import inspect
import itertools
import re
import sys
from collections.abc import Callable, Sequence
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))  # a script's own folder is what Python puts there

from docs import measured  # noqa: E402
from lab.chat import commands, events  # noqa: E402
from lab.chat.effects import Member  # noqa: E402
from lab.chat.events import RoomEvent  # noqa: E402
from lab.chat.limits import Limits  # noqa: E402
from lab.chat.rooms import Rooms, state_diagram  # noqa: E402
from lab.claims import CLAIMS, load  # noqa: E402
from lab.claims.claim import Claim  # noqa: E402
from lab.service import ChatService  # noqa: E402

ROOM = ROOT / "docs" / "room.md"
README = ROOT / "README.md"
CLAIMED = ROOT / "docs" / "claims.md"
METHOD = ROOT / "docs" / "method.md"
TUNED = ROOT / "docs" / "tuned.md"
NOON_MS = 1_767_268_800_000
"""The clock of the example conversation: 2026-01-01 12:00 UTC."""


def states() -> str:
    """The room's transitions as a Mermaid diagram."""
    return f"```mermaid\n{state_diagram()}```\n"


def limits() -> str:
    """The limits: name, default, what is bounded and with which code."""
    lines = ["| limit | default | what it bounds |", "|---|---:|---|"]
    for name, meaning in _field_docs(Limits).items():
        lines.append(f"| `{name}` | {_default(name):,} | {meaning} |")
    return "\n".join(lines) + "\n"


def conversation() -> str:
    """Two people on a native wire: every line that goes over it, as the room itself answers."""
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


def verdicts() -> str:
    """Every claim with its verdict, each leading to what is told of it below."""
    lines = ["| claim | verdict |", "|---|---|"]
    for claim in map(load, CLAIMS):
        belief = " *(common belief)*" if claim.common_belief else ""
        lines.append(f"| [{claim.english}](#{claim.name}){belief} | **{claim.verdict}** |")
    return "\n".join(lines) + "\n"


def told() -> str:
    """Every claim in two languages, with its experiment and the verdict explained."""
    return "\n".join(_told(claim) for claim in map(load, CLAIMS))


def _told(claim: Claim) -> str:
    return f"""### {claim.name}

> {claim.english}
>
> {claim.korean}

**Asked:** {claim.asked}

**{str(claim.verdict).capitalize()}.** {claim.because}

`lab claims {claim.name}` runs it.
"""


PARTS: dict[str, Callable[[], str]] = {
    "states": states,
    "limits": limits,
    "conversation": conversation,
}
DOCUMENTS = {
    ROOM: PARTS,
    README: {"short": measured.short, "answer": measured.answer, "whose": measured.whose_alone},
    CLAIMED: {"verdicts": verdicts, "told": told},
    METHOD: {"planted": measured.planted, "browser": measured.browser},
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
    """An outlet that writes down what a native wire would send to whom."""

    def __init__(self) -> None:
        self.lines: list[str] = []
        self._service = ChatService(Rooms(), clock=lambda: NOON_MS)
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
    for document, parts in DOCUMENTS.items():
        text = render(document.read_text(encoding="utf-8"), parts)
        document.write_text(text, encoding="utf-8")
        print(f"{document.relative_to(ROOT)}: {', '.join(parts)}")
