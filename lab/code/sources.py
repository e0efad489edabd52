"""The project's counted source files, and the definitions that a transport uses."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from functools import cached_property
from pathlib import Path

from lab.code import javascript, python
from lab.code.module import BODY, Module, Ref

ROOT = Path(__file__).parent.parent.parent
FOLDERS = (
    *("lab/chat", "lab/contract", "lab/service/__init__.py", "transports"),
    "lab/simple_chats",
)
LANGUAGES = {".py": python, ".mjs": javascript}
NOT_OURS = frozenset({"node_modules", "test"})
FOLLOWED = "transports/"
"""The rest, the room and the contract, is the same for all transports."""


class Sources:
    """The counted files below `root`; each is read once."""

    def __init__(self, root: Path = ROOT) -> None:
        self._root = root
        self._modules: dict[str, Module] = {}

    @cached_property
    def paths(self) -> frozenset[str]:
        """All counted files, as paths below the root."""
        tops = [self._root / folder for folder in FOLDERS]
        files = [path for top in tops for path in ([top] if top.is_file() else top.rglob("*"))]
        return frozenset(
            path.relative_to(self._root).as_posix()
            for path in files
            if path.suffix in LANGUAGES and not NOT_OURS.intersection(path.parts)
        )

    def module(self, path: str) -> Module:
        """Return the file as definitions. Raises LookupError if it is not among `paths`."""
        if path not in self.paths:
            raise LookupError(f"{path} is not counted")
        if path not in self._modules:
            file = self._root / path
            text = file.read_text(encoding="utf-8")
            self._modules[path] = LANGUAGES[file.suffix].read(path, text, self.paths)
        return self._modules[path]

    def reached(self, roots: Iterable[Ref], runs: Mapping[str, Iterable[Ref]]) -> frozenset[Ref]:
        """Return these definitions and all that they use in `transports/`, directly or not.

        A definition also uses the body of its file. `runs`: what a file uses in a way that its text
        does not show, such as a program that it starts.
        """
        found: set[Ref] = set()
        todo = list(roots)
        while todo:
            ref = todo.pop()
            if not ref.path.startswith(FOLLOWED) or (ref := self._first(ref)) in found:
                continue
            found.add(ref)
            todo += [Ref(ref.path, BODY), *runs.get(ref.path, ())]
            definition = self.module(ref.path).definitions.get(ref.name)
            todo += definition.uses if definition else ()
        return frozenset(ref for ref in found if ref.name in self.module(ref.path).definitions)

    def _first(self, ref: Ref) -> Ref:
        """Return the reference under the definition's first name."""
        return Ref(ref.path, self.module(ref.path).resolve(ref.name))
