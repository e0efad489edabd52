"""The concern of each unit of the transports, as declared in `concerns.toml`.

A unit's concern is its own entry, else that of its method's name in the contract, else that of the
unit around it, else the file's ("*"). A test requires a concern for every unit and a unit for every
entry, so the map stays complete.
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
    """The purpose of a line of code."""

    CONNECTIONS = "connections"
    """To listen, to connect, and to close."""
    FRAMING = "framing"
    """Commands and events as messages of the transport, and back."""
    ACKS = "acks"
    """To match a reply with its command."""
    ROOMS = "rooms"
    """The members of a room, and messages to all of them."""
    ORDER = "order"
    """To send the room's events in the order in which they happened."""
    RESUME = "resume"
    """A client that reconnects gets what it missed, and nothing twice."""
    HISTORY = "history"
    """Older messages, page by page."""
    HEARTBEAT = "heartbeat"
    """To notice a dead peer."""
    LIMITS = "limits"
    """Limits on bytes, memory and time for each client."""
    ORIGIN = "origin"
    """Which pages may connect."""
    WORKAROUNDS = "workarounds"
    """Code that corrects a library where it loses messages or leaves something undone."""
    LAB = "lab"
    """What only the lab needs: descriptions, settings for comparison, hooks for tests."""


NOT_APPLICATION = (Concern.WORKAROUNDS, Concern.LAB)
"""What the author of a chat would leave out."""
APPLICATION = tuple(concern for concern in Concern if concern not in NOT_APPLICATION)


class Given(msgspec.Struct, frozen=True):
    """What a library provides: `gives` says how, by concern."""

    library: str
    gives: dict[Concern, str]


class ConcernMap(msgspec.Struct, frozen=True):
    """The declaration. Files are named by their paths below the project.

    `contract`: method name -> concern, on every transport. `files`: file -> unit -> concern.
    `given`: file -> what the library provides to the transports that use that file. `spared`: file
    -> unit -> concern, for code that stands in one place for all transports and is not needed where
    the library provides that concern. `rooms`: language -> the files and folders of the room
    itself. `simple`: name -> the file of a simple chat. `runs`: file -> the files of the programs
    that it starts, each with its entry (":name").
    """

    contract: dict[str, Concern]
    files: dict[str, dict[str, Concern]]
    given: dict[str, Given]
    spared: dict[str, dict[str, Concern]]
    rooms: dict[str, list[str]]
    simple: dict[str, str] = {}
    runs: dict[str, list[str]] = {}

    @property
    def programs(self) -> dict[str, list[Ref]]:
        """`runs` as references; a file alone stands for what it does when it is loaded."""
        return {path: [_ref(program) for program in run] for path, run in self.runs.items()}

    def of(self, path: str, unit: str) -> Concern | None:
        """Return the concern of a unit; None where none is declared."""
        entries = self.files.get(path, {})
        name = unit
        while name:
            around, _, last = name.rpartition(".")
            if (found := entries.get(name) or self._by_contract(around, last)) is not None:
                return found
            name = around
        return entries.get(WHOLE_FILE)

    def _by_contract(self, around: str, last: str) -> Concern | None:
        """Return the concern of a method in the contract."""
        return self.contract.get(last) if around else None

    def room(self, path: str) -> str | None:
        """Return the language of the room that a file belongs to; None for a transport's file."""
        for language, tops in self.rooms.items():
            if any(path == top or (top.endswith("/") and path.startswith(top)) for top in tops):
                return language
        return None


def _ref(program: str) -> Ref:
    path, _, name = program.partition(":")
    return Ref(path, name or BODY)


def read(text: str) -> ConcernMap:
    """Parse a TOML text. Raises msgspec.ValidationError with the place of the error."""
    found: Mapping[str, object] = tomllib.loads(text)
    return msgspec.convert(found, ConcernMap)


def declared() -> ConcernMap:
    """Return the project's own declaration."""
    return read(MAP.read_text(encoding="utf-8"))
