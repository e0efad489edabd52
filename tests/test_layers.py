"""Who may import whom: the design's table as data, held against every source file.

Imports are read from the syntax tree, so one inside a function or under `TYPE_CHECKING` counts too.
"""

from __future__ import annotations

import ast
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
SOURCES = ("lab", "transports", "benchmarks", "notebooks")
ROOTS = ("lab.cli", "lab.claims", "benchmarks", "notebooks")
ANY = None

CLOCK = ("asyncio", "datetime", "sched", "time")
CHANCE = ("numpy.random", "random", "secrets", "uuid")
INPUT_OUTPUT = (
    "asyncio",
    "http.client",
    "http.server",
    "multiprocessing",
    "os",
    "pathlib",
    "select",
    "selectors",
    "signal",
    "socket",
    "socketserver",
    "ssl",
    "subprocess",
    "tempfile",
    "threading",
    "urllib.request",
)


@dataclass(frozen=True)
class May:
    """What the modules of a layer may import beside the standard library and their own layer.

    `project`, `libraries`: prefixes of dotted names, or ANY. `never`: what they must not import,
    whatever else allows it. `pure`: `never` holds for all that they import in turn, too.
    """

    project: tuple[str, ...] | None
    libraries: tuple[str, ...] | None
    never: tuple[str, ...] = ()
    pure: bool = False


# A module belongs to the longest name here that it starts with.
TABLE = {
    "lab": May((), ()),
    "lab.chat": May((), ("msgspec",), (*INPUT_OUTPUT, *CLOCK, *CHANCE), pure=True),
    "lab.contract": May(("lab.chat",), ("msgspec",)),
    "lab.service": May(("lab.chat", "lab.contract"), ("msgspec",)),
    "lab.wire": May(("lab.chat",), ("h11", "msgspec", "wsproto")),
    "lab.wire.relay": May(("lab.wire",), (), ("lab.chat", "lab.wire.decode", "lab.wire.ledger")),
    "lab.wire.decode": May(
        ("lab.chat", "lab.wire"),
        ("h11", "msgspec", "wsproto"),
        (*INPUT_OUTPUT, *CLOCK, *CHANCE, "lab.wire.relay"),
        pure=True,
    ),
    "lab.wire.ledger": May(
        ("lab.chat", "lab.wire"),
        ("h11", "msgspec", "wsproto"),
        (*INPUT_OUTPUT, *CLOCK, *CHANCE, "lab.wire.relay"),
        pure=True,
    ),
    "lab.load": May(("lab.chat", "lab.contract", "lab.measure", "lab.wire"), ANY),
    # Chance is theirs, from a seed that they are given.
    "lab.load.schedule": May((), ANY, (*INPUT_OUTPUT, *CLOCK), pure=True),
    "lab.measure": May((), ANY),
    "lab.measure.stats": May((), ANY, (*INPUT_OUTPUT, *CLOCK), pure=True),
    "lab.environment": May(("lab.measure",), ANY),
    "lab.record": May(("lab.environment", "lab.measure"), ANY),
    "lab.report": May(("lab.environment", "lab.measure", "lab.record"), ANY),
    "lab.wire.live": May(
        ("lab.chat", "lab.wire"),
        ("h11", "msgspec", "wsproto"),
        (*INPUT_OUTPUT, *CLOCK, *CHANCE, "lab.wire.relay"),
        pure=True,
    ),
    "lab.page": May(ANY, ANY, ("lab.cli", "lab.claims", "benchmarks", "notebooks")),
    "lab.notebook": May(ANY, ANY, ("lab.cli", "lab.claims", "benchmarks", "notebooks")),
    "lab.reproduce": May(("lab.chat", "lab.contract", "lab.load", "lab.measure", "lab.wire"), ANY),
    "lab.handshakes": May(("lab.chat", "lab.contract", "lab.load", "lab.service", "lab.wire"), ANY),
    "lab.interop": May(
        (
            "lab.chat",
            "lab.contract",
            "lab.load",
            "lab.report",
            "lab.service",
            "lab.wire",
            "transports._node_versions",
        ),
        ANY,
    ),
    # Sources are read, never imported: what is counted need not even run here.
    "lab.code": May((), ("msgspec", "pygments")),
    "lab.cli": May(ANY, ANY, ("benchmarks", "notebooks")),
    "lab.claims": May(ANY, ANY, ("lab.cli", "lab.reproduce", "benchmarks", "notebooks")),
    # One wire never leans on another: what two of them share is private to the folder.
    "transports": May(("lab.chat", "lab.contract", "lab.service", "transports._"), ANY),
    "benchmarks": May(ANY, ANY, ("lab.cli", "lab.claims", "lab.reproduce", "notebooks")),
    "notebooks": May(ANY, ANY, ("lab.cli", "lab.reproduce", "benchmarks")),
}


def within(name: str, prefix: str) -> bool:
    """Whether the dotted name is the prefix or stands under it; `a._` covers `a._b`."""
    return name == prefix or name.startswith(prefix if prefix.endswith("_") else f"{prefix}.")


def layer(module: str) -> str:
    """The row of the table that a module belongs to."""
    return max((row for row in TABLE if within(module, row)), key=len)


def modules(root: Path) -> dict[str, Path]:
    """Dotted name -> file, of every source file below the root."""
    found = {}
    for folder in SOURCES:
        for path in sorted((root / folder).rglob("*.py")):
            if "node_modules" in path.parts or ".ipynb_checkpoints" in path.parts:
                continue
            parts = path.relative_to(root).with_suffix("").parts
            found[".".join(parts[:-1] if parts[-1] == "__init__" else parts)] = path
    return found


def origin(node: ast.ImportFrom, module: str, is_package: bool) -> str:
    """What a `from ... import` names, with its dots resolved."""
    if not node.level:
        return node.module or ""
    above = module.split(".")
    above = above[: len(above) - node.level + is_package]
    return ".".join([*above, *([node.module] if node.module else [])])


def called_import(node: ast.AST) -> Iterator[str]:
    """The name in `import_module("name")` or `__import__("name")`."""
    match node:
        case ast.Call(
            func=ast.Attribute(attr="import_module") | ast.Name(id="import_module" | "__import__"),
            args=[ast.Constant(value=str(name)), *_],
        ):
            yield name


def imports(module: str, path: Path, known: frozenset[str]) -> Iterator[str]:
    """Every dotted name that a file imports, wherever in it the import stands.

    `from a import b` is `a.b` where that is a module of the project or `a` is not; otherwise `b`
    is something in `a`.
    """
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"), str(path))):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            source = origin(node, module, path.name == "__init__.py")
            for alias in node.names:
                full = f"{source}.{alias.name}"
                ours = source.partition(".")[0] in SOURCES
                yield full if full in known or not ours else source
        else:
            yield from called_import(node)


def objection(module: str, name: str) -> str | None:
    """Why a module may not import a name, or None where it may."""
    row = layer(module)
    may = TABLE[row]
    top = name.partition(".")[0]
    if any(within(name, never) for never in may.never):
        return f"{row} never imports it"
    if top in SOURCES:
        # `lab` itself holds only the version; a wire is a layer of its own.
        own = {"lab": (), "transports": (module,)}.get(row, (row,))
        allowed = may.project is ANY or any(within(name, it) for it in (*own, *may.project))
        if allowed or name == "lab":
            return None
        return f"{row} may import of the project: {may.project or 'nothing'}"
    if top in sys.stdlib_module_names or may.libraries is ANY or top in may.libraries:
        return None
    return f"{row} may import of libraries: {may.libraries or 'none'}"


def reached(module: str, graph: dict[str, frozenset[str]]) -> set[str]:
    """The project's modules that run when this one is imported, itself among them."""
    seen: set[str] = set()
    todo = [module]
    while todo:
        name = todo.pop()
        if name in graph and name not in seen:
            seen.add(name)
            todo += [*graph[name], name.rpartition(".")[0]]
    return seen


def impurities(module: str, graph: dict[str, frozenset[str]]) -> Iterator[str]:
    """What a pure module reaches through others although it must never import it."""
    for through in sorted(reached(module, graph) - {module}):
        for name in sorted(graph[through]):
            if any(within(name, never) for never in TABLE[layer(module)].never):
                yield f"{module} reaches {name} through {through}: {layer(module)} is pure"


def breaches(root: Path) -> list[str]:
    """Every breach of the table below the root, as a sentence."""
    files = modules(root)
    known = frozenset(files)
    graph = {name: frozenset(imports(name, path, known)) for name, path in files.items()}
    found = []
    for module, names in graph.items():
        if layer(module) == "lab" != module:
            found.append(f"{module} stands in no layer: give it a row in the table")
            continue
        reasons = ((name, objection(module, name)) for name in sorted(names))
        found += [f"{module} imports {name}: {reason}" for name, reason in reasons if reason]
        if TABLE[layer(module)].pure:
            found += impurities(module, graph)
    return found


def test_every_import_is_in_the_table() -> None:
    assert set(modules(ROOT)) >= {"lab", "lab.cli", "lab.chat"}, "the sources were not found"
    assert breaches(ROOT) == []


def plant(root: Path, sources: dict[str, str]) -> list[str]:
    """Write a project of empty layers, with these modules' sources, and return its breaches."""
    layers = dict.fromkeys(TABLE, "") | {"transports.one": "", "transports._shared": ""}
    for module, source in (layers | sources).items():
        folder = root.joinpath(*module.split("."))
        folder.mkdir(parents=True, exist_ok=True)
        (folder / "__init__.py").write_text(source, encoding="utf-8")
    return breaches(root)


def test_empty_layers_breach_nothing(tmp_path: Path) -> None:
    assert plant(tmp_path, {}) == []


PLANTED = {
    ("lab", "import lab.chat"),
    ("lab", "import msgspec"),
    ("lab.chat", "import lab.contract"),
    ("lab.chat", "import aiohttp"),
    ("lab.chat", "import asyncio"),
    ("lab.chat", "from socket import socket"),
    ("lab.chat", "from time import monotonic"),
    ("lab.chat", "import random"),
    ("lab.chat", "from ..service import ChatService"),
    ("lab.contract", "import lab.service"),
    ("lab.contract", "import aiohttp"),
    ("lab.service", "import transports"),
    ("lab.service", "import aiohttp"),
    ("lab.wire", "from lab import load"),
    ("lab.wire", "import aiohttp"),
    ("lab.wire.relay", "import lab.wire.decode"),
    ("lab.wire.relay", "from lab.wire import ledger"),
    ("lab.wire.relay", "import lab.chat"),
    ("lab.wire.relay", "import h11"),
    ("lab.wire.decode", "import lab.contract"),
    ("lab.wire.decode", "import socket"),
    ("lab.wire.decode", "import lab.wire.relay"),
    ("lab.wire.decode", "import aiohttp"),
    ("lab.wire.ledger", "import lab.load"),
    ("lab.wire.ledger", "import asyncio"),
    ("lab.wire.ledger", "import aiohttp"),
    ("lab.load", "import transports.one"),
    ("lab.load", "import lab.service"),
    ("lab.load", "import lab.record"),
    ("lab.load.schedule", "import lab.contract"),
    ("lab.load.schedule", "import time"),
    ("lab.measure", "import lab.chat"),
    ("lab.measure.stats", "import lab.record"),
    ("lab.measure.stats", "import pathlib"),
    ("lab.environment", "import lab.record"),
    ("lab.record", "import lab.report"),
    ("lab.report", "import lab.load"),
    ("lab.report", "import transports"),
    ("lab.reproduce", "import transports.one"),
    ("lab.code", "import transports"),
    ("lab.code", "import lab.chat"),
    ("lab.code", "import websockets"),
    ("lab.handshakes", "import transports.one"),
    ("lab.handshakes", "import lab.report"),
    ("lab.interop", "import transports.one"),
    ("lab.report", "import lab.interop"),
    ("lab.reproduce", "import lab.report"),
    ("lab.load", "import lab.reproduce"),
    ("lab.report", "import lab.reproduce"),
    ("lab.claims", "import lab.reproduce"),
    ("benchmarks", "import lab.reproduce"),
    ("notebooks", "import lab.reproduce"),
    ("lab.cli", "import benchmarks"),
    ("lab.claims", "import lab.cli"),
    ("transports", "import lab.measure"),
    ("transports.one", "import lab.load"),
    ("transports.one", "import lab.wire.relay"),
    ("transports.one", "import transports"),
    ("transports.two", "from transports import one"),
    ("transports.two", "from ..one import anything"),
    ("benchmarks", "import lab.cli"),
    ("notebooks", "import benchmarks"),
    ("lab.report", 'def late():\n    import_module("lab.cli")'),
    ("lab.record", "def late():\n    import lab.report"),
} | {(row, f"import {root}") for row in TABLE for root in ROOTS if row not in ROOTS}


@pytest.mark.parametrize(("module", "source"), sorted(PLANTED))
def test_a_planted_breach_is_reported(tmp_path: Path, module: str, source: str) -> None:
    found = plant(tmp_path, {module: source})
    assert found, f"{source!r} in {module} went unnoticed"
    assert all(sentence.startswith((f"{module} ", f"{module}.")) for sentence in found)


def test_every_row_has_a_planted_breach() -> None:
    assert {layer(module) for module, _ in PLANTED} == set(TABLE)


@pytest.mark.parametrize(
    ("module", "source"),
    [
        ("transports.one", "from transports._shared import anything"),
        (
            "transports.one",
            "from lab.chat import events\nimport lab.contract, lab.service, aiohttp",
        ),
        ("lab.load", "from lab import __version__, measure"),
        ("lab.load.schedule", "import random, numpy"),
        ("lab.chat", "from . import rooms"),
        ("lab.cli", "import transports.one, lab.claims, lab.load"),
    ],
)
def test_what_the_table_allows_is_not_reported(tmp_path: Path, module: str, source: str) -> None:
    assert plant(tmp_path, {module: source}) == []


def test_a_pure_module_may_not_reach_the_clock_through_another(tmp_path: Path) -> None:
    found = plant(
        tmp_path, {"lab.wire.ledger": "import lab.wire.tree", "lab.wire.tree": "import time"}
    )
    assert found == ["lab.wire.ledger reaches time through lab.wire.tree: lab.wire.ledger is pure"]


def test_a_module_outside_every_layer_is_reported(tmp_path: Path) -> None:
    found = plant(tmp_path, {"lab.utils": ""})
    assert found == ["lab.utils stands in no layer: give it a row in the table"]
