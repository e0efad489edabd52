"""The console on which every command prints; its width is that of the terminal."""

from __future__ import annotations

import os
from collections.abc import Iterable
from typing import Any

from rich.console import Console
from rich.padding import Padding
from rich.text import Text

PIPED_WIDTH = 132
"""The width for a file or a pipe without COLUMNS: wide enough for most tables."""


def open_console(**options: Any) -> Console:
    """Return a rich console as wide as the terminal; COLUMNS overrides the width."""
    found = Console(**options)
    if not _columns() and not found.is_terminal:
        found.width = PIPED_WIDTH
    return found


def print_list(console: Console, title: str, sentences: Iterable[str]) -> None:
    """Print a title, and each sentence as a paragraph behind a dash."""
    console.print(title, style="bold", highlight=False)
    for sentence in sentences:
        console.print(Padding.indent(Text(f"- {sentence}"), 2))


def _columns() -> int:
    """Return the value of COLUMNS, or 0 without one."""
    said = os.environ.get("COLUMNS", "")
    return int(said) if said.isdecimal() else 0
