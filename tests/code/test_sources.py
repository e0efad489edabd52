"""What a transport reaches: definition by definition, across files and languages."""

from __future__ import annotations

from pathlib import Path

import pytest

from lab.code.module import BODY, Ref
from lab.code.sources import Sources

FILES = {
    "transports/one.py": """
from transports import _shared
from transports._shared import Native

class One(Native):
    pass

def unused():
    return _shared.other
""",
    "transports/_shared.py": """
import logging
LOG = logging.getLogger()
LOG.setLevel(50)
from lab.chat.rooms import Rooms

FEW, MANY = 1, 2

class Native:
    def serve(self):
        return client(Rooms, MANY)

def client(rooms, count):
    return rooms

def other():
    return client(None, 0)
""",
    "transports/two.py": "class Two:\n    kind = 1\n",
    "transports/node/server.mjs": (
        'import { Room, idle } from "./room.mjs";\nfunction f() {\n  idle();\n}\nnew Room();\n'
    ),
    "transports/node/room.mjs": "export class Room {}\nexport function idle() {}\n",
    "transports/node/node_modules/ws/index.mjs": "export const ws = 1;\n",
    "transports/node/test/room.mjs": "export const test = 1;\n",
    "transports/notes.txt": "no source",
    "lab/chat/rooms.py": "class Rooms:\n    pass\n",
    "lab/service/__init__.py": "X = 1\n",
    "lab/cli/code.py": "X = 1\n",
}


@pytest.fixture
def sources(tmp_path: Path) -> Sources:
    for name, text in FILES.items():
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    return Sources(tmp_path)


def test_the_files_are_those_of_the_room_and_the_transports(sources: Sources) -> None:
    assert sources.paths == {
        "transports/one.py",
        "transports/_shared.py",
        "transports/two.py",
        "transports/node/server.mjs",
        "transports/node/room.mjs",
        "lab/chat/rooms.py",
        "lab/service/__init__.py",
    }


def test_a_definition_is_reached_by_whoever_uses_it(sources: Sources) -> None:
    shared = "transports/_shared.py"
    assert sources.reached([Ref("transports/one.py", "One")], {}) == {
        Ref("transports/one.py", "One"),
        Ref(shared, "Native"),
        Ref(shared, "client"),
        Ref(shared, BODY),
        Ref(shared, "LOG"),
        Ref(shared, "FEW"),
    }


def test_a_program_is_reached_through_the_file_that_runs_it(sources: Sources) -> None:
    room, server, two = (
        f"transports/{name}" for name in ("node/room.mjs", "node/server.mjs", "two.py")
    )
    assert sources.reached([Ref(two, "Two")], {two: [Ref(server, BODY), Ref(room, "idle")]}) == {
        Ref(two, "Two"),
        Ref(server, BODY),
        Ref(room, "Room"),
        Ref(room, "idle"),
    }
    assert sources.reached([Ref(two, "Two")], {}) == {Ref(two, "Two")}


def test_a_file_that_is_not_counted_is_refused(sources: Sources) -> None:
    with pytest.raises(LookupError, match=r"lab/cli/code\.py is not counted"):
        sources.module("lab/cli/code.py")
