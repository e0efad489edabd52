"""Read by `lab code`: what each unit of the wires is for, declared in `concerns.toml`.

A unit's concern is its own entry; else what the contract says a method of that name does; else that
of the unit around it; else the file's ("*"). A test insists that every unit has one and that no
entry is left over, so the map can't fall behind the sources.
"""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from enum import StrEnum
from pathlib import Path

import msgspec

from lab.code.module import BODY, Ref

MAP = Path(__file__).with_name("concerns.toml")
WHOLE_FILE = "*"


class Concern(StrEnum):
    """What a line of code is for."""

    CONNECTIONS = "connections"
    """To listen, to connect, and to part."""
    FRAMING = "framing"
    """Commands and events as this wire's messages, and back."""
    ACKS = "acks"
    """A reply finds the command that it answers."""
    ROOMS = "rooms"
    """Who is in a room, and a message to all who are."""
    ORDER = "order"
    """What the room does in one order leaves in that order."""
    RESUME = "resume"
    """Whoever comes back gets what was missed, and nothing twice."""
    HISTORY = "history"
    """What was said before, page by page."""
    HEARTBEAT = "heartbeat"
    """A dead peer is noticed."""
    LIMITS = "limits"
    """Nobody takes more than a bound: of bytes, of memory, of time."""
    ORIGIN = "origin"
    """Which pages may connect."""
    MENDS = "mends"
    """What a library leaves undone or loses, set right so that the room works."""
    LAB = "lab"
    """What the lab asks of a wire: its description, settings that make it comparable, hooks for
    tests."""


NOT_APPLICATION = (Concern.MENDS, Concern.LAB)
"""What the author of a chat would leave out, or not know to be missing."""
APPLICATION = tuple(concern for concern in Concern if concern not in NOT_APPLICATION)


class Given(msgspec.Struct, frozen=True):
    """What a library gives to whoever uses it: `gives` says how, concern by concern."""

    library: str
    gives: dict[Concern, str]


class ConcernMap(msgspec.Struct, frozen=True):
    """The declaration. Files are named by their paths below the project.

    `contract`: method name -> concern, on every wire. `files`: file -> unit -> concern.
    `given`: file -> what the library gives to the wires that reach that file.
    `spared`: file -> unit -> concern; what stands in one place for all wires, and would not have to
    be written for those whose library gives that concern.
    `rooms`: language -> the files and folders of the room itself, which is no wire's.
    `runs`: file -> the files of programs that it starts, each with what they begin with (":name").
    """

    contract: dict[str, Concern]
    files: dict[str, dict[str, Concern]]
    given: dict[str, Given]
    spared: dict[str, dict[str, Concern]]
    rooms: dict[str, list[str]]
    runs: dict[str, list[str]] = {}

    @property
    def programs(self) -> dict[str, list[Ref]]:
        """`runs` as references: of a file alone, what it does when it is loaded."""
        return {path: [_ref(program) for program in run] for path, run in self.runs.items()}

    def of(self, path: str, unit: str) -> Concern | None:
        """The concern of a unit; None where nobody has declared it."""
        entries = self.files.get(path, {})
        name = unit
        while name:
            around, _, last = name.rpartition(".")
            if (found := entries.get(name) or self._by_contract(around, last)) is not None:
                return found
            name = around
        return entries.get(WHOLE_FILE)

    def _by_contract(self, around: str, last: str) -> Concern | None:
        """The contract speaks of methods alone."""
        return self.contract.get(last) if around else None

    def room(self, path: str) -> str | None:
        """The language of the room that a file belongs to; None where it is a wire's."""
        for language, tops in self.rooms.items():
            if any(path == top or (top.endswith("/") and path.startswith(top)) for top in tops):
                return language
        return None


def _ref(program: str) -> Ref:
    path, _, name = program.partition(":")
    return Ref(path, name or BODY)


def read(text: str) -> ConcernMap:
    """The declaration in a TOML text. Raises msgspec.ValidationError, saying where."""
    found: Mapping[str, object] = tomllib.loads(text)
    return msgspec.convert(found, ConcernMap)


def declared() -> ConcernMap:
    """The project's own."""
    return read(MAP.read_text(encoding="utf-8"))
