"""Make notebooks/NAME.ko.ipynb from the executed notebook and the Korean texts in NAME.ko.md.

NAME.ko.md has each text below the key of the English cell that it translates. The key is a hash of
the English text, so a text whose English cell has changed is found. The code and its outputs are
those of the English notebook. An output that knows its Korean text is shown in Korean.
"""

from __future__ import annotations

import copy
import hashlib
import re
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import nbformat

FORMAT: Any = nbformat
NOTEBOOKS = Path(__file__).parents[1] / "notebooks"
KEY = re.compile(r"^<!-- ([0-9a-f]{8}) -->$", re.MULTILINE)
LINK = re.compile(r"\]\(([^)\s:#]+)\.(ipynb|md)(#[^)]*)?\)")


def key(english: str) -> str:
    """Return the key of an English cell's text."""
    return hashlib.sha256(english.strip().encode()).hexdigest()[:8]


def texts(path: Path) -> dict[str, str]:
    """Key -> Korean text, in the order of the file. Raises ValueError where a key comes twice."""
    _, *parts = KEY.split(path.read_text(encoding="utf-8"))
    pairs = [(name, text.strip()) for name, text in zip(parts[::2], parts[1::2], strict=True)]
    if len(dict(pairs)) < len(pairs):
        raise ValueError(f"{path.name}: a key comes twice")
    return dict(pairs)


def problems(book: Any, korean: Mapping[str, str]) -> list[str]:
    """Say which English cells have no Korean text, and which Korean texts have no English cell."""
    english = {key(cell.source): cell.source for cell in book.cells if _is_text(cell)}
    missing = [f"no Korean for {one}: {english[one]}" for one in english if one not in korean]
    old = [f"no English cell for {one}: {korean[one]}" for one in korean if one not in english]
    return missing + old


def translated(book: Any, korean: Mapping[str, str]) -> Any:
    """Return a copy of the notebook in Korean. Raises KeyError for a cell without Korean."""
    other = copy.deepcopy(book)
    other.metadata.pop("jupytext", None)
    for cell in other.cells:
        if _is_text(cell):
            cell.source = linked(korean[key(cell.source)])
        for output in cell.get("outputs", ()):
            _show_korean(output)
    return other


def linked(text: str) -> str:
    """Let links to pages that have a Korean version lead to it."""

    def replace(match: re.Match[str]) -> str:
        name, end, anchor = match.group(1), match.group(2), match.group(3) or ""
        source = NOTEBOOKS / (f"{name}.ko.md" if "docs/" in name else f"{name}.py")
        return f"]({name}{'.ko' if source.is_file() else ''}.{end}{anchor})"

    return LINK.sub(replace, text)


def make(script: Path) -> str:
    """Return the Korean notebook of a script, as the file has it."""
    written = FORMAT.writes(translated(_executed(script), texts(script.with_suffix(".ko.md"))))
    return f"{written}\n"


def _executed(script: Path) -> Any:
    return FORMAT.read(script.with_suffix(".ipynb"), as_version=4)


def _is_text(cell: Any) -> bool:
    return bool(cell.cell_type == "markdown")


def _show_korean(output: Any) -> None:
    korean = output.get("metadata", {}).pop("text/markdown", {}).get("ko")
    if korean:
        output.data["text/markdown"] = output.data["text/plain"] = korean


def main(folder: Path) -> None:
    """Write every Korean notebook; say what lacks a text, and end with status 1 then."""
    wrong = False
    for script in sorted(folder.glob("[0-9]*.py")):
        found = problems(_executed(script), texts(script.with_suffix(".ko.md")))
        sys.stderr.writelines(f"{script.stem}: {problem}\n" for problem in found)
        wrong = wrong or bool(found)
        if not found:
            script.with_suffix(".ko.ipynb").write_text(make(script), encoding="utf-8")
    sys.exit(1 if wrong else 0)


if __name__ == "__main__":
    main(NOTEBOOKS)
