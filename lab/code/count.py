"""Counts the lines of every transport by concern, its own and the shared ones.

A transport's lines are those of the definitions that its class uses, directly or indirectly, in its
own file and in others of `transports/`. Code that several transports share counts in full for each.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping

import msgspec

from lab.code.concerns import APPLICATION, Concern, ConcernMap, Given
from lab.code.module import Definition, Ref
from lab.code.sources import Sources

Lines = Counter[Concern | None]
"""Concern -> lines of code; lines without a declared concern stand under None."""


class TransportCode(msgspec.Struct, frozen=True):
    """The lines of one transport or simple chat. `given`: what its libraries provide."""

    transport: str
    own: Lines
    shared: Lines
    given: tuple[Given, ...]

    def lines(self, concern: Concern | None) -> int:
        """All lines for one concern."""
        return self.own[concern] + self.shared[concern]

    @property
    def application(self) -> int:
        """The lines that the author of a chat on this transport has to write."""
        return sum(map(self.lines, APPLICATION))

    def gives(self, concern: Concern) -> bool:
        """Whether a library of this transport does the work."""
        return any(concern in given.gives for given in self.given)


class CodeCount(msgspec.Struct, frozen=True):
    """The transports, the room itself once for each of its languages, and the simple chats."""

    transports: tuple[TransportCode, ...]
    rooms: dict[str, Lines]
    simple: tuple[TransportCode, ...] = ()


def count(transports: Mapping[str, str], sources: Sources, concerns: ConcernMap) -> CodeCount:
    """Count transports, given as name -> "module:class". Raises LookupError without the module."""
    found = tuple(
        _transport(name, root(where), sources, concerns) for name, where in transports.items()
    )
    rooms = {
        language: _room(language, sources, concerns)
        for language in concerns.rooms
        if any(concerns.room(path) == language for path in sources.paths)
    }
    simple = (_simple(name, path, sources, concerns) for name, path in concerns.simple.items())
    return CodeCount(found, rooms, tuple(simple))


def root(where: str) -> Ref:
    """Return the class of a transport, given as "module:class"."""
    module, _, name = where.partition(":")
    return Ref(f"{module.replace('.', '/')}.py", name)


def _transport(name: str, start: Ref, sources: Sources, concerns: ConcernMap) -> TransportCode:
    reached = [
        ref
        for ref in sources.reached([start], concerns.programs)
        if concerns.room(ref.path) is None
    ]
    files = sorted({ref.path for ref in reached})
    given = tuple(concerns.given[path] for path in files if path in concerns.given)
    own = [ref for ref in reached if ref.path == start.path]
    elsewhere = [ref for ref in reached if ref.path != start.path]
    shared = _lines(elsewhere, sources, concerns) + _spared(given, sources, concerns)
    return TransportCode(name, _lines(own, sources, concerns), shared, given)


def _simple(name: str, path: str, sources: Sources, concerns: ConcernMap) -> TransportCode:
    refs = [Ref(path, definition) for definition in sources.module(path).definitions]
    given = (concerns.given[path],) if path in concerns.given else ()
    return TransportCode(name, _lines(refs, sources, concerns), Counter(), given)


def _lines(refs: Iterable[Ref], sources: Sources, concerns: ConcernMap) -> Lines:
    found: Lines = Counter()
    for ref in refs:
        for unit in _definition(ref, sources).units:
            found[concerns.of(ref.path, unit.name)] += unit.lines
    return found


def _definition(ref: Ref, sources: Sources) -> Definition:
    return sources.module(ref.path).definitions[ref.name]


def _spared(given: Iterable[Given], sources: Sources, concerns: ConcernMap) -> Lines:
    """Count shared code for which this transport's library provides no replacement."""
    free = {concern for each in given for concern in each.gives}
    found: Lines = Counter()
    for path, entries in concerns.spared.items():
        for definition in sources.module(path).definitions.values():
            for unit in definition.units:
                concern = entries.get(unit.name)
                if concern is not None and concern not in free:
                    found[concern] += unit.lines
    return found


def _room(language: str, sources: Sources, concerns: ConcernMap) -> Lines:
    paths = sorted(path for path in sources.paths if concerns.room(path) == language)
    refs = [Ref(path, name) for path in paths for name in sources.module(path).definitions]
    return _lines(refs, sources, concerns)
