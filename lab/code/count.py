"""Asked by `lab code`: the lines of every wire by concern, its own and those that it shares. Pure.

A wire's lines are those of the definitions that its class uses, by any number of steps, in the
wire's own file and in others of `transports/`: what several wires share counts in full for each.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping

import msgspec

from lab.code.concerns import APPLICATION, Concern, ConcernMap, Given
from lab.code.module import Definition, Ref
from lab.code.sources import Sources

Lines = Counter[Concern | None]
"""Concern -> lines of code; those that nobody has declared stand under None."""


class WireCode(msgspec.Struct, frozen=True):
    """The lines of one wire. `given`: what its libraries give, beside which little is by hand."""

    wire: str
    own: Lines
    shared: Lines
    given: tuple[Given, ...]

    def lines(self, concern: Concern | None) -> int:
        """All that it takes for one concern."""
        return self.own[concern] + self.shared[concern]

    @property
    def application(self) -> int:
        """What the author of a chat on this wire has to write."""
        return sum(map(self.lines, APPLICATION))

    def gives(self, concern: Concern) -> bool:
        """Whether a library of this wire does the work."""
        return any(concern in given.gives for given in self.given)


class CodeCount(msgspec.Struct, frozen=True):
    """The wires, and beside them the room itself, once for each language that it is written in."""

    wires: tuple[WireCode, ...]
    rooms: dict[str, Lines]


def count(wires: Mapping[str, str], sources: Sources, concerns: ConcernMap) -> CodeCount:
    """Count wires, given by name -> "module:class". Raises LookupError for a module not found."""
    found = tuple(_wire(name, root(where), sources, concerns) for name, where in wires.items())
    rooms = {
        language: _room(language, sources, concerns)
        for language in concerns.rooms
        if any(concerns.room(path) == language for path in sources.paths)
    }
    return CodeCount(found, rooms)


def root(where: str) -> Ref:
    """The class of a wire, given as "module:class"."""
    module, _, name = where.partition(":")
    return Ref(f"{module.replace('.', '/')}.py", name)


def _wire(name: str, start: Ref, sources: Sources, concerns: ConcernMap) -> WireCode:
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
    return WireCode(name, _lines(own, sources, concerns), shared, given)


def _lines(refs: Iterable[Ref], sources: Sources, concerns: ConcernMap) -> Lines:
    found: Lines = Counter()
    for ref in refs:
        for unit in _definition(ref, sources).units:
            found[concerns.of(ref.path, unit.name)] += unit.lines
    return found


def _definition(ref: Ref, sources: Sources) -> Definition:
    return sources.module(ref.path).definitions[ref.name]


def _spared(given: Iterable[Given], sources: Sources, concerns: ConcernMap) -> Lines:
    """What stands in one place for all wires, as far as no library gives it to this one."""
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
