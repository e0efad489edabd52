"""The map of concerns: how an entry is found, and that the project's own is whole and current."""

from __future__ import annotations

import msgspec
import pytest

from lab.cluster import registry as cluster
from lab.code.concerns import WHOLE_FILE, Concern, ConcernMap, declared, read
from lab.code.count import root
from lab.code.module import BODY, Ref
from lab.code.sources import Sources
from transports import registry

MAP = """\
[contract]
serve = "connections"
[rooms]
Python = ["lab/chat/", "lab/service/__init__.py"]
[spared."lab/contract/connection.py"]
"Connection._paired" = "acks"
[given."transports/one.py"]
library = "library"
[given."transports/one.py".gives]
rooms = "its rooms"
[runs]
"transports/one.py" = ["transports/node/main.mjs", "transports/node/one.mjs:serve"]
[files."transports/one.py"]
Server = "framing"
"Server.handle" = "connections"
"Server.handle.drop" = "limits"
"Server.serve.inner" = "rooms"
[files."transports/two.py"]
"*" = "origin"
"""

JOURNAL = "transports/node/journal/"
"""What only a node of several loads. In Python it is in `lab`, and no transport's either."""


@pytest.fixture(scope="module")
def concerns() -> ConcernMap:
    return declared()


@pytest.fixture(scope="module")
def sources() -> Sources:
    return Sources()


@pytest.mark.parametrize(
    ("path", "unit", "expected"),
    [
        ("transports/one.py", "Server", Concern.FRAMING),
        ("transports/one.py", "Server.write", Concern.FRAMING),
        ("transports/one.py", "Server.handle", Concern.CONNECTIONS),
        ("transports/one.py", "Server.handle.drop", Concern.LIMITS),
        ("transports/one.py", "Server.handle.other", Concern.CONNECTIONS),
        ("transports/one.py", "Server.serve", Concern.CONNECTIONS),
        ("transports/one.py", "Server.serve.other", Concern.CONNECTIONS),
        ("transports/one.py", "Server.serve.inner", Concern.ROOMS),
        ("transports/one.py", "Other.serve", Concern.CONNECTIONS),
        ("transports/one.py", "serve", None),
        ("transports/one.py", "Other", None),
        ("transports/two.py", "anything", Concern.ORIGIN),
        ("transports/three.py", "anything", None),
    ],
)
def test_the_nearest_entry_counts(path: str, unit: str, expected: Concern | None) -> None:
    assert read(MAP).of(path, unit) is expected


def test_the_files_of_the_room_are_no_transports() -> None:
    found = read(MAP)
    assert found.room("lab/chat/rooms.py") == found.room("lab/service/__init__.py") == "Python"
    assert found.room("lab/chatter.py") is found.room("transports/one.py") is None


def test_of_a_program_it_is_said_what_it_begins_with() -> None:
    assert read(MAP).programs == {
        "transports/one.py": [
            Ref("transports/node/main.mjs", BODY),
            Ref("transports/node/one.mjs", "serve"),
        ]
    }


def test_an_unknown_concern_is_refused_with_its_place() -> None:
    with pytest.raises(msgspec.ValidationError, match=r"framming.*files"):
        read(MAP.replace('"framing"', '"framming"'))


def test_every_unit_of_a_file_that_is_declared_has_a_concern(
    concerns: ConcernMap, sources: Sources
) -> None:
    """What a file of a new transport is for may be said later: till then it counts as
    unassigned.
    """
    missing = [
        f'[files."{path}"]  "{unit.name}" = "..."'
        for path in sorted(sources.paths)
        if path in concerns.files
        for definition in sources.module(path).definitions.values()
        for unit in definition.units
        if concerns.of(path, unit.name) is None
    ]
    choices = ", ".join(Concern)
    assert missing == [], f"say in lab/code/concerns.toml what these are for ({choices})"


def test_no_entry_is_left_over(concerns: ConcernMap, sources: Sources) -> None:
    units = {
        path: {u.name for d in sources.module(path).definitions.values() for u in d.units}
        for path in sources.paths
    }
    entries = [*concerns.files.items(), *concerns.spared.items()]
    left_over = [
        (path, name)
        for path, named in entries
        for name in named
        if name not in units.get(path, set()) | {WHOLE_FILE}
    ]
    assert left_over == [], "these are gone: remove or rename them in lab/code/concerns.toml"
    assert {*concerns.given, *concerns.runs} <= sources.paths
    started = [ref for program in concerns.programs.values() for ref in program]
    assert [ref for ref in started if ref.name not in sources.module(ref.path).definitions] == []
    tops = [top for tops in concerns.rooms.values() for top in tops]
    assert [top for top in tops if not any(p.startswith(top) for p in sources.paths)] == []


def test_every_definition_of_the_transports_is_reached_by_one_of_them(
    concerns: ConcernMap, sources: Sources
) -> None:
    """So none is left out of the count, and none is written for nothing."""
    found = {
        (ref.path, ref.name)
        for where in (*registry.TRANSPORTS.values(), *cluster.JOINED.values())
        for ref in sources.reached([root(where)], concerns.programs)
    }
    defined = {
        (path, name)
        for path in sources.paths
        if path.startswith("transports/") and not path.endswith("registry.py")
        if not path.startswith(JOURNAL)
        for name in sources.module(path).definitions
    }
    assert defined - found == set(), (
        "no transport uses these, as far as can be read from the sources"
    )
