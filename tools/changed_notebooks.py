"""Which notebooks are not what their paired .py says: what `make notebooks` executes.

To execute one anew changes its figures, so that those whose text has not changed are left alone.
"""

from __future__ import annotations

import sys
from pathlib import Path

import jupytext

NOTEBOOKS = Path(__file__).parents[1] / "notebooks"


def cells(path: Path) -> list[tuple[str, str]]:
    """The cells of a notebook, or of its paired .py: kind and text."""
    return [(cell.cell_type, cell.source.strip()) for cell in jupytext.read(path).cells]


def changed(script: Path) -> bool:
    """Whether the notebook beside `script` is missing, or has other cells."""
    notebook = script.with_suffix(".ipynb")
    return not notebook.is_file() or cells(notebook) != cells(script)


def main(folder: Path, every: bool) -> None:
    """Print the scripts whose notebooks are to be executed, one a line."""
    for script in sorted(folder.glob("*.py")):
        if every or changed(script):
            sys.stdout.write(f"{script}\n")


if __name__ == "__main__":
    main(NOTEBOOKS, "--all" in sys.argv)
