"""The lines of a wire: its own, those it shares, those that a library spares it."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import pytest

from lab.code.concerns import APPLICATION, Concern, declared, read
from lab.code.count import count
from lab.code.sources import Sources
from transports import registry

FILES = {
    "transports/native.py": """
from transports._shared import Rooms, listen

class Native(Rooms):
    name = "native"

    def serve(self):
        listen()
""",
    "transports/library.py": """
from transports._shared import listen

class Library:
    name = "library"

    def serve(self):
        listen()

def odd():
    return 1

Library.odd = odd
""",
    "transports/_shared.py": """
class Rooms:
    def enter(self):
        self.members = 1
        self.room = 2

def listen():
    return 1
""",
    "lab/contract/connection.py": "class Connection:\n    def paired(self):\n        return 1\n",
    "lab/chat/rooms.py": "class Rooms:\n    limit = 1\n",
}

MAP = """\
[contract]
serve = "connections"
enter = "rooms"
[rooms]
Python = ["lab/chat/"]
Cobol = ["lab/cobol/"]
[spared."lab/contract/connection.py"]
"Connection.paired" = "acks"
[given."transports/library.py"]
library = "a library"
[given."transports/library.py".gives]
rooms = "its rooms"
acks = "its acks"
[files."transports/native.py"]
Native = "lab"
[files."transports/library.py"]
Library = "lab"
"(body)" = "mends"
[files."transports/_shared.py"]
Rooms = "rooms"
listen = "connections"
[files."lab/chat/rooms.py"]
Rooms = "limits"
"""

WIRES = {"native": "transports.native:Native", "library": "transports.library:Library"}


@pytest.fixture
def sources(tmp_path: Path) -> Sources:
    for name, text in FILES.items():
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    return Sources(tmp_path)


def test_own_and_shared_lines_are_apart(sources: Sources) -> None:
    native, library = count(WIRES, sources, read(MAP)).wires
    assert native.own == Counter({Concern.LAB: 2, Concern.CONNECTIONS: 2})
    assert native.shared == Counter({Concern.ROOMS: 4, Concern.CONNECTIONS: 2, Concern.ACKS: 2})
    assert native.application == 10
    assert (library.own[Concern.CONNECTIONS], library.shared[Concern.CONNECTIONS]) == (2, 2)


def test_what_a_library_gives_is_not_charged(sources: Sources) -> None:
    native, library = count(WIRES, sources, read(MAP)).wires
    assert (native.lines(Concern.ACKS), native.gives(Concern.ACKS)) == (2, False)
    assert (library.lines(Concern.ACKS), library.gives(Concern.ACKS)) == (0, True)
    assert library.lines(Concern.ROOMS) == 0


def test_what_is_not_declared_is_shown_and_is_in_no_total(sources: Sources) -> None:
    _, library = count(WIRES, sources, read(MAP)).wires
    assert library.lines(None) == 2
    assert library.lines(Concern.MENDS) == 1
    assert library.application == 4


def test_the_room_is_no_wires_and_counted_by_language(sources: Sources) -> None:
    found = count(WIRES, sources, read(MAP))
    assert found.rooms == {"Python": Counter({Concern.LIMITS: 2})}


def test_every_wire_of_the_project_is_counted_whole() -> None:
    found = count(registry.WIRES, Sources(), declared())
    assert [wire.wire for wire in found.wires] == list(registry.WIRES)
    for wire in found.wires:
        assert wire.application == sum(map(wire.lines, APPLICATION))
        assert wire.application > 0 or wire.lines(None) > 0, wire.wire
    assert found.rooms["Python"][Concern.HISTORY] > 0
