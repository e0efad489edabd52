"""The reference of the transports and their capabilities, from the registry and the contract."""

from __future__ import annotations

import ast
import importlib
import inspect
import itertools
import re
from collections.abc import Iterator

from lab.contract import Capability, Transport
from transports import registry

HERE = {
    "core": registry.CORE,
    "tuned": registry.TUNED,
    "node": registry.NODE,
    "fallbacks": registry.FALLBACKS,
    "limits": registry.LIMITS,
    "today": registry.TODAY,
}
"""The groups whose modules can be imported on every machine; a peer's needs its library."""


def groups() -> str:
    """A table for each group: its transports, and what each is."""
    return "\n".join(line for title, group in HERE.items() for line in _group(title, group))


def _group(title: str, group: dict[str, str]) -> Iterator[str]:
    yield f"### The group {title}\n"
    yield "| name | what it is | class |"
    yield "|---|---|---|"
    for name, where in group.items():
        transport = _made(where)
        unsafe = f" Unsafe by nature: {transport.unsafe}." if transport.unsafe else ""
        yield f"| `{name}` | {transport.summary}.{unsafe} | `{where}` |"
    yield ""


def capabilities() -> str:
    """Each capability with its meaning, and the transports that lack it."""
    made = {name: _made(where) for group in HERE.values() for name, where in group.items()}
    lines = ["| capability | meaning | transports |", "|---|---|---|"]
    for name, meaning in _meanings().items():
        having = [one for one, transport in made.items() if name in transport.capabilities]
        lines.append(f"| `{name}` | {meaning} | {_among(having, list(made))} |")
    return "\n".join(lines) + "\n"


def _among(having: list[str], every: list[str]) -> str:
    """The names, or those that lack it where these are fewer."""
    lacking = [name for name in every if name not in having]
    if len(lacking) < len(having):
        return f"all but {_listed(lacking)}" if lacking else "all"
    return _listed(having)


def _listed(names: list[str]) -> str:
    return ", ".join(f"`{name}`" for name in names)


def _made(where: str) -> Transport:
    module, name = where.split(":")
    transport: Transport = getattr(importlib.import_module(module), name)()
    return transport


def _meanings() -> dict[str, str]:
    """Each capability with the text that stands under it in the source, on one line."""
    (body,) = (
        node.body
        for node in ast.parse(inspect.getsource(Capability)).body
        if isinstance(node, ast.ClassDef)
    )
    found = {}
    for one, doc in itertools.pairwise(body):
        if isinstance(one, ast.Assign) and isinstance(doc, ast.Expr):
            name = ast.literal_eval(one.value)
            found[name] = re.sub(r"\s+", " ", ast.literal_eval(doc.value))
    return found
