"""Shows a Mermaid diagram as a table of its arrows: drawing it needs a script of three megabytes.

GitHub draws the diagrams of the same files. A line that is neither an arrow nor a node is a
`ValueError`, so a diagram that can't be shown fails the build.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from html import unescape

from sphinx.application import Sphinx

DIAGRAM = re.compile(r"^```mermaid\n(.*?)^```$", re.MULTILINE | re.DOTALL)
KIND = re.compile(r"(?:flowchart|graph) \w\w$|stateDiagram(?:-v2)?$|direction \w\w$|subgraph |end$")
NODE = re.compile(r"(\w+)\[\"?([^\]\"]+)\"?\]$")
ARROW = re.compile(r""" *(?:-- "?([^">]+?)"? -->|-\. "?(.+?)"? \.->|-\.->|-->) *""")
HEADS = {"en": ("from", "to", "what"), "ko": ("어디에서", "어디로", "무엇")}
START = "●"
"""How a state diagram's `[*]` is written."""


def setup(app: Sphinx) -> None:
    """Rewrite a page's diagrams before it is parsed."""
    app.connect("source-read", _rewrite, priority=800)


def _rewrite(app: Sphinx, _: str, source: list[str]) -> None:
    source[0] = rewritten(source[0], app.config.language)


def rewritten(text: str, language: str) -> str:
    """Text of a page with a table in the place of each diagram."""
    return DIAGRAM.sub(lambda found: table(found.group(1), language), text)


def table(diagram: str, language: str) -> str:
    """The arrows of a diagram, one a row, under the texts of their ends.

    Raises:
        ValueError: a line is neither a node nor an arrow.
    """
    lines = [line.strip() for line in diagram.splitlines() if line.strip()]
    nodes = {found[1]: found[2] for line in lines if (found := NODE.match(line))}
    rows = [row for line in lines if not _silent(line) for row in _arrows(line, nodes)]
    heads = HEADS.get(language, HEADS["en"])
    return "\n".join([f"| {' | '.join(heads)} |", "|---" * len(heads) + "|", *rows]) + "\n"


def _silent(line: str) -> bool:
    return bool(KIND.match(line) or NODE.match(line))


def _arrows(line: str, nodes: dict[str, str]) -> Iterator[str]:
    """A row for each arrow of a line, `a --> b --> c`. A state's label follows a colon."""
    path, _, label = line.partition(" : ") if " : " in line else line.partition(": ")
    pieces = ARROW.split(path)
    if len(pieces) < 4:
        raise ValueError(f"neither a node nor an arrow: {line}")
    ends = pieces[::3]
    for index in range(len(ends) - 1):
        on_arrow = pieces[3 * index + 1] or pieces[3 * index + 2] or label
        cells = (_named(ends[index], nodes), _named(ends[index + 1], nodes), on_arrow)
        yield f"| {' | '.join(_cell(cell) for cell in cells)} |"


def _named(end: str, nodes: dict[str, str]) -> str:
    return START if end == "[*]" else nodes.get(end, end)


def _cell(text: str) -> str:
    return unescape(text.replace("<br/>", " ").strip()).replace("|", "\\|")
