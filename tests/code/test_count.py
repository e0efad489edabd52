"""The lines of a transport: its own, those it shares, those that a library spares it."""

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
    "lab/simple_chats/chat.py": """
class Chat:
    def join(self):
        return 1
""",
}

MAP = """\
[contract]
serve = "connections"
enter = "rooms"
[rooms]
Python = ["lab/chat/"]
Cobol = ["lab/cobol/"]
[simple]
"a chat" = "lab/simple_chats/chat.py"
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
"(body)" = "workarounds"
[files."transports/_shared.py"]
Rooms = "rooms"
listen = "connections"
[files."lab/chat/rooms.py"]
Rooms = "limits"
[given."lab/simple_chats/chat.py"]
library = "a library"
[given."lab/simple_chats/chat.py".gives]
rooms = "its rooms"
[files."lab/simple_chats/chat.py"]
Chat = "connections"
"Chat.join" = "rooms"
"""

TRANSPORTS = {"native": "transports.native:Native", "library": "transports.library:Library"}


@pytest.fixture
def sources(tmp_path: Path) -> Sources:
    for name, text in FILES.items():
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    return Sources(tmp_path)


def test_own_and_shared_lines_are_apart(sources: Sources) -> None:
    native, library = count(TRANSPORTS, sources, read(MAP)).transports
    assert native.own == Counter({Concern.LAB: 2, Concern.CONNECTIONS: 2})
    assert native.shared == Counter({Concern.ROOMS: 4, Concern.CONNECTIONS: 2, Concern.ACKS: 2})
    assert native.application == 10
    assert (library.own[Concern.CONNECTIONS], library.shared[Concern.CONNECTIONS]) == (2, 2)


def test_what_a_library_gives_is_not_charged(sources: Sources) -> None:
    native, library = count(TRANSPORTS, sources, read(MAP)).transports
    assert (native.lines(Concern.ACKS), native.gives(Concern.ACKS)) == (2, False)
    assert (library.lines(Concern.ACKS), library.gives(Concern.ACKS)) == (0, True)
    assert library.lines(Concern.ROOMS) == 0


def test_what_is_not_declared_is_shown_and_is_in_no_total(sources: Sources) -> None:
    _, library = count(TRANSPORTS, sources, read(MAP)).transports
    assert library.lines(None) == 2
    assert library.lines(Concern.WORKAROUNDS) == 1
    assert library.application == 4


def test_the_room_is_no_transports_and_counted_by_language(sources: Sources) -> None:
    found = count(TRANSPORTS, sources, read(MAP))
    assert found.rooms == {"Python": Counter({Concern.LIMITS: 2})}


def test_a_simple_chat_is_counted_as_a_whole_file(sources: Sources) -> None:
    (chat,) = count({}, sources, read(MAP)).simple
    assert chat.transport == "a chat"
    assert chat.own == Counter({Concern.CONNECTIONS: 1, Concern.ROOMS: 2})
    assert chat.shared == Counter()
    assert chat.gives(Concern.ROOMS)
    assert chat.application == 3


def test_every_transport_of_the_project_is_counted_whole() -> None:
    found = count(registry.TRANSPORTS, Sources(), declared())
    assert [transport.transport for transport in found.transports] == list(registry.TRANSPORTS)
    for transport in found.transports:
        assert transport.application == sum(map(transport.lines, APPLICATION))
        assert transport.application > 0 or transport.lines(None) > 0, transport.transport
    assert found.rooms["Python"][Concern.HISTORY] > 0
