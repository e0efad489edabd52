"""Who may import whom: the design's table as data, held against every source file.

Imports are read from the syntax tree, so one inside a function or under `TYPE_CHECKING` counts too.
"""

from __future__ import annotations

import ast
import re
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from graphlib import CycleError, TopologicalSorter
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
    "lab.bilingual": May((), ("msgspec",)),
    "lab.chat": May((), ("msgspec",), (*INPUT_OUTPUT, *CLOCK, *CHANCE), pure=True),
    "lab.compression": May((), ("msgspec",), (*INPUT_OUTPUT, *CLOCK, *CHANCE), pure=True),
    "lab.contract": May(("lab.chat", "lab.compression"), ("msgspec",)),
    "lab.journal": May(("lab.chat",), ("msgspec",)),
    "lab.journal.redis": May(("lab.chat", "lab.journal"), ("msgspec", "redis")),
    "lab.service": May(("lab.chat", "lab.contract", "lab.journal"), ("msgspec",)),
    "lab.relay": May((), ("msgspec",)),
    "lab.decode": May(
        (), ("h11", "hpack", "msgspec", "wsproto"), (*INPUT_OUTPUT, *CLOCK, *CHANCE), pure=True
    ),
    "lab.ledger": May(
        ("lab.decode",),
        ("h11", "hpack", "msgspec", "wsproto"),
        (*INPUT_OUTPUT, *CLOCK, *CHANCE),
        pure=True,
    ),
    "lab.scenario": May((), ("msgspec",), (*INPUT_OUTPUT, *CLOCK, *CHANCE), pure=True),
    "lab.load": May(
        (
            "lab.chat",
            "lab.contract",
            "lab.decode",
            "lab.ledger",
            "lab.link",
            "lab.measure",
            "lab.relay",
            "lab.scenario",
            "lab.target",
            "lab.tls",
        ),
        ANY,
    ),
    # Chance is theirs, from a seed that they are given.
    "lab.load.open_loop.schedule": May((), ANY, (*INPUT_OUTPUT, *CLOCK), pure=True),
    "lab.target": May(("lab.decode", "lab.ledger", "lab.relay"), ANY),
    "lab.measure": May(("lab.compression",), ANY),
    "lab.measure.stats": May((), ANY, (*INPUT_OUTPUT, *CLOCK), pure=True),
    "lab.environment": May(("lab.measure",), ANY),
    "lab.doctor": May(("lab.measure", "lab.relay"), ANY),
    "lab.record": May(("lab.environment", "lab.measure"), ANY),
    "lab.answer": May(("lab.measure", "lab.record"), ANY),
    "lab.choose": May(("lab.answer", "lab.bilingual", "lab.report.model"), ("msgspec",)),
    "lab.cost": May(("lab.answer", "lab.report.model"), ("msgspec",)),
    "lab.report": May(("lab.answer", "lab.environment", "lab.measure", "lab.record"), ANY),
    "lab.report.model": May(("lab.answer", "lab.environment", "lab.measure", "lab.record"), ANY),
    "lab.report.pictures": May(
        ("lab.answer", "lab.environment", "lab.measure", "lab.record", "lab.report.model"), ANY
    ),
    "lab.report.text": May(
        ("lab.answer", "lab.environment", "lab.measure", "lab.record", "lab.report.model"), ANY
    ),
    "lab.tls": May(
        ("lab.contract", "lab.decode", "lab.relay"), ("cryptography", "msgspec", "trustme")
    ),
    "lab.link": May(("lab.relay",), ("msgspec",)),
    "lab.page": May(ANY, ANY, ("lab.cli", "lab.claims", "benchmarks", "notebooks")),
    "lab.notebook": May(ANY, ANY, ("lab.cli", "lab.claims", "benchmarks", "notebooks")),
    "lab.reproduce": May(
        (
            "lab.chat",
            "lab.contract",
            "lab.decode",
            "lab.interop",
            "lab.ledger",
            "lab.link",
            "lab.load",
            "lab.measure",
            "lab.relay",
            "lab.report.model",
        ),
        ANY,
    ),
    "lab.faults": May(
        ("lab.chat", "lab.cluster", "lab.contract", "lab.measure", "lab.relay"),
        ("msgspec", "psutil", "redis"),
    ),
    "lab.locust": May(
        ("lab.chat", "lab.contract", "lab.load", "lab.measure", "transports"), ("gevent", "locust")
    ),
    "lab.handshakes": May(
        (
            "lab.chat",
            "lab.contract",
            "lab.decode",
            "lab.ledger",
            "lab.load",
            "lab.relay",
            "lab.service",
        ),
        ANY,
    ),
    "lab.judge": May(
        (
            "lab.chat",
            "lab.contract",
            "lab.decode",
            "lab.handshakes",
            "lab.ledger",
            "lab.load",
            "lab.relay",
            "lab.target",
        ),
        ANY,
    ),
    "lab.probe": May(
        ("lab.decode", "lab.handshakes", "lab.ledger", "lab.relay", "lab.target"), ANY
    ),
    "lab.course": May(
        (
            "lab.answer",
            "lab.choose",
            "lab.decode",
            "lab.handshakes",
            "lab.interop",
            "lab.judge",
            "lab.load",
            "lab.probe",
            "lab.relay",
            "lab.scenario",
            "lab.target",
            "lab.tls",
        ),
        ANY,
    ),
    "lab.interop": May(
        (
            "lab.chat",
            "lab.contract",
            "lab.decode",
            "lab.ledger",
            "lab.load",
            "lab.relay",
            "lab.report",
            "lab.service",
            "transports._node.versions",
            "transports._shared.extras",
        ),
        ANY,
    ),
    "lab.cluster": May(
        (
            "lab.chat",
            "lab.contract",
            "lab.journal",
            "lab.measure",
            "lab.service",
            "transports._shared.extras",
            "transports.registry",
        ),
        ANY,
    ),
    # Sources are read, never imported: what is counted need not even run here.
    "lab.code": May((), ("msgspec", "pygments")),
    "lab.weigh": May(
        ("lab.measure", "lab.report.model", "lab.report.pictures"), ("matplotlib", "msgspec")
    ),
    # Programs of a learner: they know nothing of the lab.
    "lab.simple_chats": May((), ("aiohttp", "socketio", "websockets")),
    "lab.why": May(
        (
            "lab.chat",
            "lab.contract",
            "lab.decode",
            "lab.interop.node",
            "lab.measure",
            "lab.relay",
            "transports._node",
            "transports.registry",
        ),
        ANY,
    ),
    # It builds environments, and imports nothing of what runs in them.
    "lab.gate": May((), ("msgspec",)),
    "lab.cli": May(ANY, ANY, ("benchmarks", "notebooks")),
    "lab.claims": May(ANY, ANY, ("lab.cli", "lab.reproduce", "benchmarks", "notebooks")),
    # One transport never imports another: what two of them share is in a private package.
    "transports": May(
        ("lab.chat", "lab.compression", "lab.contract", "lab.service", "transports._"), ANY
    ),
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
        # `lab` itself holds only the version; a transport is a layer of its own.
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


def cycles(graph: dict[str, frozenset[str]]) -> list[str]:
    """Modules that import each other in a circle, each circle as a sentence."""
    ours = {name: imported & graph.keys() - {name} for name, imported in graph.items()}
    sorter = TopologicalSorter(ours)
    try:
        sorter.prepare()
    except CycleError as error:
        return [f"a cycle of imports: {' <- '.join(error.args[1])}"]
    return []


def impurities(module: str, graph: dict[str, frozenset[str]]) -> Iterator[str]:
    """What a pure module reaches through others although it must never import it."""
    for through in sorted(reached(module, graph) - {module}):
        for name in sorted(graph[through]):
            if any(within(name, never) for never in TABLE[layer(module)].never):
                yield f"{module} reaches {name} through {through}: {layer(module)} is pure"


def is_marked_pure(tree: ast.Module) -> bool:
    """Whether a module says `__pure__ = True`."""
    marks = (node for node in tree.body if isinstance(node, ast.Assign))
    return any(ast.unparse(mark) == "__pure__ = True" for mark in marks)


def unseeded(tree: ast.Module) -> Iterator[str]:
    """What a module takes of `random` besides `random.Random`, which is given a seed."""
    for node in ast.walk(tree):
        match node:
            case ast.Attribute(value=ast.Name(id="random"), attr=name) if name != "Random":
                yield f"random.{name}"
            case ast.Call(func=ast.Attribute(value=ast.Name(id="random"), attr="Random"), args=[]):
                yield "random.Random without a seed"
            case ast.ImportFrom(module="random", names=names):
                yield from (f"random.{alias.name}" for alias in names if alias.name != "Random")


def broken_marks(files: dict[str, Path], graph: dict[str, frozenset[str]]) -> Iterator[str]:
    """What a module that says `__pure__ = True` imports, itself or through what it imports.

    A package counts where a module imports a name from it, not because the module stands in it.
    """
    trees = {name: ast.parse(path.read_text(encoding="utf-8")) for name, path in files.items()}
    never = {*INPUT_OUTPUT, *CLOCK, *CHANCE} - {"random"}
    for module in sorted(name for name, tree in trees.items() if is_marked_pure(tree)):
        for through in sorted(imported_by(module, graph)):
            found = {name for name in graph[through] if any(within(name, it) for it in never)}
            for name in sorted(found | set(unseeded(trees[through]))):
                yield f"{module} is marked pure and reaches {name} in {through}"


def imported_by(module: str, graph: dict[str, frozenset[str]]) -> set[str]:
    """The module, what it imports, and what that imports in turn."""
    seen: set[str] = set()
    todo = [module]
    while todo:
        name = todo.pop()
        if name in graph and name not in seen:
            seen.add(name)
            todo += graph[name]
    return seen


def breaches(root: Path) -> list[str]:
    """Every breach of the table below the root, as a sentence."""
    files = modules(root)
    known = frozenset(files)
    graph = {name: frozenset(imports(name, path, known)) for name, path in files.items()}
    found = [*cycles(graph), *broken_marks(files, graph)]
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
    ("lab.journal", "import lab.service"),
    ("lab.journal", "import redis"),
    ("lab.journal.redis", "import lab.service"),
    ("lab.journal.redis", "import aiohttp"),
    ("lab.service", "import transports"),
    ("lab.service", "import aiohttp"),
    ("lab.relay", "from lab import load"),
    ("lab.relay", "import aiohttp"),
    ("lab.relay.pipe", "import lab.decode.tree"),
    ("lab.relay.connection", "from lab.ledger import ledger"),
    ("lab.relay", "import lab.decode.decode"),
    ("lab.relay", "from lab import ledger"),
    ("lab.relay", "import lab.chat"),
    ("lab.relay", "import h11"),
    ("lab.decode", "import lab.contract"),
    ("lab.decode", "import socket"),
    ("lab.decode", "import lab.relay.relay"),
    ("lab.decode", "import aiohttp"),
    ("lab.ledger", "import lab.load"),
    ("lab.ledger", "import asyncio"),
    ("lab.ledger", "import aiohttp"),
    ("lab.load", "import transports.one"),
    ("lab.load", "import lab.service"),
    ("lab.load", "import lab.record"),
    ("lab.scenario", "import lab.load"),
    ("lab.scenario", "import pathlib"),
    ("lab.load.open_loop.schedule", "import lab.contract"),
    ("lab.load.open_loop.schedule", "import time"),
    ("lab.measure", "import lab.chat"),
    ("lab.measure.stats", "import lab.record"),
    ("lab.measure.stats", "import pathlib"),
    ("lab.environment", "import lab.record"),
    ("lab.record", "import lab.report"),
    ("lab.target", "import lab.load"),
    ("lab.judge", "import transports.one"),
    ("lab.judge", "import lab.service"),
    ("lab.answer", "import lab.report"),
    ("lab.choose", "import lab.record"),
    ("lab.cost", "import lab.record"),
    ("lab.answer", "import transports"),
    ("lab.probe", "import lab.load"),
    ("lab.doctor", "import transports"),
    ("lab.report", "import lab.load"),
    ("lab.report", "import transports"),
    ("lab.reproduce", "import transports.one"),
    ("lab.code", "import transports"),
    ("lab.gate", "import lab.record"),
    ("lab.link", "import lab.record"),
    ("lab.cluster", "import lab.load"),
    ("lab.cluster", "import transports.one"),
    ("lab.weigh", "import transports.one"),
    ("lab.why", "import transports.one"),
    ("lab.why", "import lab.load"),
    ("lab.gate", "import transports.one"),
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
    ("transports.one", "import lab.relay.relay"),
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
        ("lab.load.open_loop.schedule", "import random, numpy"),
        ("lab.chat", "from . import rooms"),
        ("lab.cli", "import transports.one, lab.claims, lab.load"),
    ],
)
def test_what_the_table_allows_is_not_reported(tmp_path: Path, module: str, source: str) -> None:
    assert plant(tmp_path, {module: source}) == []


def test_a_pure_module_may_not_reach_the_clock_through_another(tmp_path: Path) -> None:
    found = plant(
        tmp_path, {"lab.ledger": "import lab.decode.tree", "lab.decode.tree": "import time"}
    )
    assert "lab.ledger reaches time through lab.decode.tree: lab.ledger is pure" in found


@pytest.mark.parametrize(
    "back",
    [
        "import lab.measure.one",
        "def late():\n    from lab.measure import one",
        "from typing import TYPE_CHECKING\nif TYPE_CHECKING:\n    import lab.measure.one",
    ],
    ids=["at the top", "late", "for types"],
)
def test_a_cycle_of_imports_is_reported(tmp_path: Path, back: str) -> None:
    circle = {
        "lab.measure.one": "import lab.measure.two",
        "lab.measure.two": "from lab.measure import three",
        "lab.measure.three": back,
    }
    (found,) = plant(tmp_path, circle)
    assert found.startswith("a cycle of imports: ")
    assert all(name in found for name in circle)


MARK = "__pure__ = True\n"


@pytest.mark.parametrize(
    ("source", "reached"),
    [
        ("import time", "time in lab.measure.one"),
        ("def late():\n    import socket", "socket in lab.measure.one"),
        ("import random\nx = random.random()", "random.random in lab.measure.one"),
        ("import random\nx = random.Random()", "random.Random without a seed in lab.measure.one"),
        ("import lab.measure.two", "pathlib in lab.measure.two"),
    ],
)
def test_a_module_that_is_marked_pure_has_to_be(tmp_path: Path, source: str, reached: str) -> None:
    sources = {"lab.measure.one": MARK + source, "lab.measure.two": "import pathlib"}
    assert plant(tmp_path, sources) == [f"lab.measure.one is marked pure and reaches {reached}"]


def test_a_pure_module_may_draw_by_a_seed_that_it_is_given(tmp_path: Path) -> None:
    source = f"{MARK}import random\n\ndef draw(seed):\n    return random.Random(seed).random()"
    assert plant(tmp_path, {"lab.measure.one": source}) == []


def test_no_module_only_says_that_it_is_pure() -> None:
    for name, path in modules(ROOT).items():
        tree = ast.parse(path.read_text(encoding="utf-8"))
        said = re.search(r"\bpure\b", ast.get_docstring(tree) or "", re.IGNORECASE)
        assert not said or is_marked_pure(tree), f"{name}: mark it with `__pure__ = True`"


def test_a_module_outside_every_layer_is_reported(tmp_path: Path) -> None:
    found = plant(tmp_path, {"lab.utils": ""})
    assert found == ["lab.utils stands in no layer: give it a row in the table"]
