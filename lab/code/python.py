"""Splits a Python file into definitions.

Imports do not count as code: they only show what is used. Nor does the mark of a pure module.
"""

from __future__ import annotations

__pure__ = True

import ast
from collections.abc import Collection, Iterator, Sequence
from typing import TypeGuard

from lab.code.module import BODY, Definition, Module, Ref, Unit, code_lines, gathered

Scope = ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef


def read(path: str, text: str, known: Collection[str]) -> Module:
    """Return the definitions of a Python source; `known`: the files that it may refer to.

    Raises SyntaxError.
    """
    tree = ast.parse(text, path)
    return gathered(path, _definitions(tree, path, code_lines(text, "python"), known))


def _definitions(
    tree: ast.Module, path: str, code: frozenset[int], known: Collection[str]
) -> Iterator[tuple[Sequence[str], Definition]]:
    nodes = [
        node for node in tree.body if not (_imports_only(node) or _is_text(node) or _is_mark(node))
    ]
    defining = [(list(_names(node)) or [BODY], node) for node in nodes]
    local = {name: Ref(path, name) for names, _ in defining for name in names}
    local |= dict(_imported(tree, known))
    for names, node in defining:
        uses = frozenset(_uses(node, local)) - {Ref(path, name) for name in names}
        yield names, Definition(tuple(_units(node, names[0], code)), uses)


def _is_text(node: ast.stmt) -> bool:
    return (
        isinstance(node, ast.Expr)
        and isinstance(node.value, ast.Constant)
        and isinstance(node.value.value, str)
    )


def _is_mark(node: ast.stmt) -> bool:
    """Return whether it is `__pure__ = True`, which the layer test reads."""
    return isinstance(node, ast.Assign) and [*_names(node)] == ["__pure__"]


def _imports_only(node: ast.stmt) -> bool:
    """Return whether it is an import, or an `if` or `try` with imports only."""
    if isinstance(node, ast.If | ast.Try):
        return all(map(_imports_only, node.body))
    return isinstance(node, ast.Import | ast.ImportFrom)


def _names(node: ast.stmt) -> Iterator[str]:
    """Yield the names that a top-level statement defines."""
    if isinstance(node, Scope):
        yield node.name
    elif isinstance(node, ast.Assign):
        for target in node.targets:
            yield from (name.id for name in ast.walk(target) if _is_given(name))
    elif isinstance(node, ast.AnnAssign) and isinstance(node.target, ast.Name):
        yield node.target.id


def _is_given(node: ast.AST) -> TypeGuard[ast.Name]:
    """Return whether a name gets a value: `a` in `a = 1`, not in `a.b = 1`."""
    return isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store)


def _units(node: ast.stmt, name: str, code: frozenset[int]) -> Iterator[Unit]:
    """Yield the statement as a unit, then the functions and classes in it."""
    own = code & _extent(node)
    inner = [] if not isinstance(node, Scope) else list(_inner(node))
    yield Unit(name, len(own.difference(*map(_extent, inner))))
    for scope in inner:
        yield from _units(scope, f"{name}.{scope.name}", code)


def _inner(node: ast.AST) -> Iterator[Scope]:
    """Yield the nearest functions and classes inside."""
    for child in ast.iter_child_nodes(node):
        if isinstance(child, Scope):
            yield child
        else:
            yield from _inner(child)


def _extent(node: ast.stmt) -> frozenset[int]:
    decorators = node.decorator_list if isinstance(node, Scope) else []
    first = min([node.lineno, *(each.lineno for each in decorators)])
    return frozenset(range(first, (node.end_lineno or first) + 1))


def _imported(tree: ast.Module, known: Collection[str]) -> Iterator[tuple[str, Ref]]:
    """Yield local name -> what it stands for, of all imports from the project."""
    for node in ast.walk(tree):
        if isinstance(node, ast.ImportFrom) and node.module and not node.level:
            for alias in node.names:
                ref = _resolve(f"{node.module}.{alias.name}", known)
                if ref is not None:
                    yield alias.asname or alias.name, ref


def _resolve(dotted: str, known: Collection[str]) -> Ref | None:
    """Return the file that a dotted name begins with, and the name that follows."""
    words = dotted.split(".")
    for count in range(len(words), 0, -1):
        stem = "/".join(words[:count])
        for path in (f"{stem}.py", f"{stem}/__init__.py"):
            if path in known:
                return Ref(path, words[count] if count < len(words) else "")
    return None


def _uses(node: ast.stmt, local: dict[str, Ref]) -> Iterator[Ref]:
    for each in ast.walk(node):
        if isinstance(each, ast.Name) and each.id in local:
            yield local[each.id]
        elif isinstance(each, ast.Attribute) and isinstance(each.value, ast.Name):
            module = local.get(each.value.id)
            if module is not None and not module.name:
                yield Ref(module.path, each.attr)
