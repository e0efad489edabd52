"""A Python file as definitions: units with their own lines, and what they use."""

from __future__ import annotations

import pytest

from lab.code import python
from lab.code.module import BODY, Module, Ref

KNOWN = {"transports/one.py", "transports/_shared.py", "lab/__init__.py"}

SOURCE = '''\
"""A transport."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING

from transports import _shared
from transports._shared import Base as Above, idle
from lab import VERSION

if TYPE_CHECKING:
    from transports._shared import never_used

LOG = logging.getLogger("one")
LOG.setLevel(50)
FIRST, SECOND = 1, 2
LIMITS = {}
LIMITS["bytes"] = FIRST
LOG.level = 1


class Server(Above):
    """Serves."""

    bound: int = FIRST

    def handle(self) -> None:
        """Handle."""
        member = _shared.attach(self)

        def drop() -> None:
            LOG.info("dropped")
            self.close(member)

        self.on_overflow = drop

    @property
    def name(self) -> str:
        return VERSION


def start() -> Server:
    if SECOND:
        return Server(LIMITS)
    return Server()
'''


@pytest.fixture(scope="module")
def module() -> Module:
    return python.read("transports/one.py", SOURCE, KNOWN)


def lines(module: Module) -> dict[str, int]:
    return {u.name: u.lines for d in module.definitions.values() for u in d.units}


def test_each_unit_has_its_own_lines(module: Module) -> None:
    assert lines(module) == {
        "LOG": 1,
        BODY: 3,
        "FIRST": 1,
        "LIMITS": 1,
        "Server": 2,
        "Server.handle": 3,
        "Server.handle.drop": 3,
        "Server.name": 3,
        "start": 4,
    }


def test_imports_are_no_units_and_nothing_is_counted_twice(module: Module) -> None:
    imports, docstrings = 8, 3
    code = [line for line in SOURCE.splitlines() if line.strip()]
    assert sum(lines(module).values()) == len(code) - imports - docstrings


def test_what_a_definition_uses_is_found_through_its_imports(module: Module) -> None:
    uses = {name: definition.uses for name, definition in module.definitions.items()}
    shared = "transports/_shared.py"
    assert uses["Server"] == {
        Ref(shared, ""),
        Ref(shared, "Base"),
        Ref(shared, "attach"),
        Ref("transports/one.py", "FIRST"),
        Ref("transports/one.py", "LOG"),
        Ref("lab/__init__.py", "VERSION"),
    }


def test_names_that_are_given_together_are_one_definition(module: Module) -> None:
    assert Ref("transports/one.py", "SECOND") in module.definitions["start"].uses
    assert module.resolve("SECOND") == "FIRST"


def test_what_the_file_does_when_loaded_is_its_body(module: Module) -> None:
    used = {ref.name for ref in module.definitions[BODY].uses}
    assert used == {"LOG", "LIMITS", "FIRST"}


def test_what_is_no_python_is_refused() -> None:
    with pytest.raises(SyntaxError):
        python.read("transports/one.py", "def (", KNOWN)


def test_the_mark_of_a_pure_module_is_no_unit() -> None:
    found = python.read("transports/one.py", "__pure__ = True\nBOUND = 1\n", KNOWN)
    assert [*found.definitions] == ["BOUND"]
